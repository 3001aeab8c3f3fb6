import Numerics
import Testing

@Suite struct WinogradConvolutionTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var height: Int
        var width: Int
        var block = 1
        var images = 1
        var inputs: Int
        var outputs: Int

        var grid: PixelGrid { PixelGrid(height: height, width: width, block: block) }
        var testDescription: String {
            "\(images) of \(height) x \(width) in blocks of \(block), \(inputs) to \(outputs) channels"
        }
    }

    /// Blocks that are tiles, parts of tiles and single pixels; maps smaller than a tile; more tiles than a chunk.
    static let shapes = [
        Shape(height: 8, width: 12, block: 4, inputs: 12, outputs: 17),
        Shape(height: 16, width: 8, block: 4, images: 3, inputs: 3, outputs: 8),
        Shape(height: 6, width: 10, block: 2, images: 2, inputs: 17, outputs: 12),
        Shape(height: 5, width: 7, inputs: 64, outputs: 3),
        Shape(height: 7, width: 9, inputs: 8, outputs: 64),
        Shape(height: 1, width: 1, inputs: 3, outputs: 1),
        Shape(height: 2, width: 3, inputs: 1, outputs: 12),
        Shape(height: 52, width: 44, block: 4, images: 2, inputs: 3, outputs: 2),
        Shape(height: 47, width: 45, images: 1, inputs: 1, outputs: 3),
    ]

    /// A convolution with its numbers and memory.
    struct Setting {
        let layer: WinogradConvolution
        let input: [Float]
        let weights: [Float]
        let bias: [Float]
        let gradient: [Float]

        init(_ shape: Shape) {
            layer = WinogradConvolution(
                grid: shape.grid, images: shape.images, inputs: shape.inputs, outputs: shape.outputs)
            input = normals(layer.rows * shape.inputs, 0)
            weights = normals(layer.weightCount, 1)
            bias = normals(shape.outputs, 2)
            gradient = normals(layer.rows * shape.outputs, 3)
        }

        func forward(_ output: WinogradConvolution.Output) {
            let points = AlignedBuffer<Float>(count: layer.pointCount)
            layer.transform(weights, into: points.pointer)
            let scratch = AlignedBuffer<Float>(count: layer.forwardCount)
            layer.forward(input, points: points.pointer, scratch: scratch.pointer, bias: bias, output: output)
        }

        /// Gradients of weights, bias and input, into memory that holds `start` and is added to if that is not nil.
        func backward(_ gradient: [Float], factors: [Float]? = nil, start: Float?) -> [[Float]] {
            let counts = [layer.weightCount, layer.outputs, layer.rows * layer.inputs]
            let memory = counts.map { count in
                let buffer = AlignedBuffer<Float>(count: count)
                buffer.elements.update(repeating: start ?? .nan)
                return buffer
            }
            let targets = memory.map { GradientMemory($0.pointer, accumulate: start != nil) }
            let scratch = AlignedBuffer<Float>(count: layer.backwardCount)
            func run(_ factors: UnsafePointer<Float>?) {
                layer.backward(
                    gradient, factors: factors, input: input, weights: weights,
                    weightGradient: targets[0], biasGradient: targets[1], inputGradient: targets[2],
                    scratch: scratch.pointer)
            }
            if let factors { factors.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
            return memory.map { Array($0.elements) }
        }
    }

    @Test(arguments: shapes) func isTheConvolution(shape: Shape) {
        let setting = Setting(shape)
        let naive = NaiveConvolution(
            grid: shape.grid, images: shape.images, inputs: shape.inputs, outputs: shape.outputs)
        let output = AlignedBuffer<Float>(count: setting.gradient.count)
        setting.forward(.plain(output.pointer))
        let exact = naive.forward(setting.input, weights: setting.weights, bias: setting.bias)
        #expect(relativeError(output.elements, exact) < 5e-6)

        let gradients = setting.backward(setting.gradient, start: nil)
        let slopes = naive.backward(setting.gradient, input: setting.input, weights: setting.weights)
        #expect(relativeError(gradients[0], slopes.weights) < 5e-6)
        #expect(relativeError(gradients[1], slopes.bias) < 5e-6)
        #expect(relativeError(gradients[2], slopes.input) < 5e-6)

        let added = setting.backward(setting.gradient, start: 2)
        #expect(relativeError(added[0], slopes.weights.map { $0 + 2 }) < 5e-6)
        #expect(relativeError(added[1], slopes.bias.map { $0 + 2 }) < 5e-6)
        #expect(relativeError(added[2], slopes.input.map { $0 + 2 }) < 5e-6)
    }

    @Test(arguments: shapes) func whatFollowsIsFused(shape: Shape) {
        let setting = Setting(shape)
        let count = setting.gradient.count
        let (plain, sum) = (AlignedBuffer<Float>(count: count), AlignedBuffer<Float>(count: count))
        let (value, derivative) = (AlignedBuffer<Float>(count: count), AlignedBuffer<Float>(count: count))
        setting.forward(.plain(plain.pointer))
        let other = AlignedBuffer(setting.gradient)
        setting.forward(.sum(with: other.pointer, sum.pointer))
        setting.forward(.gelu(value.pointer, derivative: derivative.pointer))
        for index in 0..<count {
            #expect(sum[index] == plain[index] + other[index])
            let exact = GELU.evaluate(Lanes(repeating: plain[index]))
            #expect(abs(value[index] - exact.value[0]) <= 1e-6 * max(1, abs(plain[index])))
            #expect(abs(derivative[index] - exact.derivative[0]) <= 1e-6)
        }
    }

    @Test func factorsMultiplyTheGradient() {
        for shape in Self.shapes.prefix(4) {
            let setting = Setting(shape)
            let factors = normals(setting.gradient.count, 7)
            let product = zip(setting.gradient, factors).map { $0 * $1 }
            #expect(
                setting.backward(setting.gradient, factors: factors, start: nil)
                    == setting.backward(product, start: nil))
        }
    }

    /// The error at the paper's number of channels, where sums are longest.
    @Test func keepsItsDigitsAtManyChannels() {
        let shape = Shape(height: 4, width: 4, block: 4, inputs: 192, outputs: 192)
        let setting = Setting(shape)
        let naive = NaiveConvolution(grid: shape.grid, images: 1, inputs: 192, outputs: 192)
        let output = AlignedBuffer<Float>(count: setting.gradient.count)
        setting.forward(.plain(output.pointer))
        let exact = naive.forward(setting.input, weights: setting.weights, bias: setting.bias)
        #expect(relativeError(output.elements, exact) < 5e-6)
    }
}
