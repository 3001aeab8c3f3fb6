import Neural
import Numerics

/// Layers over feature maps in a row: convolutions with and without a gradient of their input, a layer over blocks.
final class FeatureMapModel {
    let parameters = ParameterSet()
    let tape: Tape
    let input: Value
    let result: Value
    let distortion: Term
    static let grid = PixelGrid(height: 6, width: 10, block: 2)
    static let images = 2
    static let channels = 5

    init(isTraining: Bool = true) {
        let (grid, channels) = (Self.grid, Self.channels)
        let first = ConvolutionalResidualBlock(width: channels, name: "first", in: parameters)
        let blocks = BlockLinear(block: grid.block, channels: channels, name: "blocks", in: parameters)
        let second = ConvolutionalResidualBlock(
            width: channels, name: "second", first: "a", second: "b", in: parameters)
        parameters.initialize(seed: 8)
        tape = Tape(parameters: parameters, isTraining: isTraining)
        input = tape.input(rows: Self.images * grid.rows, columns: channels)
        let hidden = blocks(first(input, grid: grid, on: tape), on: tape)
        result = second(hidden, grid: grid, on: tape)
        tape.pin(result)
        distortion = tape.term("distortion")
        squaredError(result, input, term: distortion, on: tape)
        distortion.weight = 0.3
        CounterRandom(seed: 8, purpose: .test).normals(
            item: 0, into: UnsafeMutableBufferPointer(start: input.data, count: input.count))
    }

    func gradient() -> [Float] {
        tape.forward()
        var gradient = [Float](repeating: .nan, count: parameters.count)
        gradient.withUnsafeMutableBufferPointer { tape.backward(into: $0.baseAddress!) { _ in } }
        return gradient
    }

    func objective() -> Double {
        tape.forward()
        return tape.objective
    }

    /// For each pixel of the images, row by row, its row in the map.
    static var order: [Int32] {
        (0..<images * grid.rows).map { index in
            let pixel = index % grid.rows
            return Int32(
                index / grid.rows * grid.rows + grid.row(y: pixel / grid.width, x: pixel % grid.width))
        }
    }
}
