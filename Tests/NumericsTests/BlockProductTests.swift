import Numerics
import Testing

@Suite struct BlockProductTests {
    struct Shape: Sendable {
        var pixels: Int
        var channels: Int
        var blocks: Int
    }

    static let shapes = [
        Shape(pixels: 16, channels: 17, blocks: 9), Shape(pixels: 16, channels: 64, blocks: 16),
        Shape(pixels: 4, channels: 12, blocks: 1), Shape(pixels: 4, channels: 3, blocks: 19),
        Shape(pixels: 9, channels: 8, blocks: 11), Shape(pixels: 1, channels: 1, blocks: 3),
        Shape(pixels: 25, channels: 5, blocks: 2),
    ]

    @Test(arguments: shapes) func isAProductForEveryChannel(shape: Shape) {
        let (pixels, channels, blocks) = (shape.pixels, shape.channels, shape.blocks)
        let product = BlockProduct(pixels: pixels, channels: channels)
        let count = blocks * pixels * channels
        let (x, gradient) = (normals(count, 0), normals(count, 1))
        let (weights, bias) = (normals(product.weightCount, 2), normals(pixels * channels, 3))
        var output = [Double](repeating: 0, count: count)
        var inputGradient = output
        var weightGradient = [Double](repeating: 0, count: weights.count)
        var biasGradient = [Double](repeating: 0, count: bias.count)
        for block in 0..<blocks {
            for to in 0..<pixels {
                for channel in 0..<channels {
                    let index = (block * pixels + to) * channels + channel
                    let slope = Double(gradient[index])
                    biasGradient[to * channels + channel] += slope
                    var sum = Double(x[index]) + Double(bias[to * channels + channel])
                    for from in 0..<pixels {
                        let source = (block * pixels + from) * channels + channel
                        let weight = (from * pixels + to) * channels + channel
                        sum += Double(x[source]) * Double(weights[weight])
                        inputGradient[source] += slope * Double(weights[weight])
                        weightGradient[weight] += slope * Double(x[source])
                    }
                    output[index] = sum
                }
            }
        }

        let packed = AlignedBuffer<Float>(count: product.packedCount)
        let computed = AlignedBuffer<Float>(count: count)
        product.pack(weights, into: packed.pointer)
        product.forward(x, blocks: blocks, packed: packed.pointer, bias: bias, output: computed.pointer)
        #expect(relativeError(computed.elements, output) < 2e-6)

        product.pack(weights, transposed: true, into: packed.pointer)
        let scratch = AlignedBuffer<Float>(count: product.backwardCount)
        let (weightMemory, biasMemory) = (AlignedBuffer(weights), AlignedBuffer(bias))
        // The input's gradient is added to the memory of the output's.
        let shared = AlignedBuffer(gradient)
        func backward(accumulate: Bool, needsInput: Bool) {
            product.backward(
                shared.pointer, input: x, blocks: blocks, packed: needsInput ? UnsafePointer(packed.pointer) : nil,
                weightGradient: GradientMemory(weightMemory.pointer, accumulate: accumulate),
                biasGradient: GradientMemory(biasMemory.pointer, accumulate: accumulate),
                inputGradient: needsInput ? shared.pointer : nil, scratch: scratch.pointer)
        }
        backward(accumulate: false, needsInput: false)
        #expect(Array(shared.elements) == gradient)
        #expect(relativeError(weightMemory.elements, weightGradient) < 2e-6)
        #expect(relativeError(biasMemory.elements, biasGradient) < 2e-6)
        backward(accumulate: true, needsInput: true)
        #expect(relativeError(weightMemory.elements, weightGradient.map { 2 * $0 }) < 2e-6)
        #expect(relativeError(biasMemory.elements, biasGradient.map { 2 * $0 }) < 2e-6)
        #expect(relativeError(shared.elements, zip(gradient, inputGradient).map { Double($0) + $1 }) < 2e-6)
    }
}
