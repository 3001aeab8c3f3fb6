import Numerics

/// A residual block y = x + conv2(GELU(conv1 x)) of 3 x 3 convolutions over feature maps.
///
///     let block = ConvolutionalResidualBlock(width: 192, name: "down.0.res.1", in: parameters)
///     let y = block(x, grid: PixelGrid(height: 64, width: 64, block: 4), on: tape)    // the shape of x
///     let shape = block.firstWeight.shape                     // [3, 3, 192, 192]
///
/// Parameters `NAME.FIRST.weight` (tap row x tap column x inputs x outputs), `NAME.FIRST.bias`, `NAME.SECOND.weight` and
/// `NAME.SECOND.bias` start uniform in +-1/sqrt(9 inputs). Pixels outside the map count as zeros. Bias, GELU and its
/// derivative, and the sum with x, are computed as the convolutions leave their registers; for the backward pass the block
/// keeps GELU and GELU', two floats for each of the map.
public struct ConvolutionalResidualBlock: Sendable {
    /// Channels of x, of y and in between.
    public let width: Int
    /// Of conv1: `[3, 3, width, width]`.
    public let firstWeight: Parameter
    /// Of conv1: `[width]`.
    public let firstBias: Parameter
    /// Of conv2: `[3, 3, width, width]`.
    public let secondWeight: Parameter
    /// Of conv2: `[width]`.
    public let secondBias: Parameter

    /// Adds the block's parameters to a set.
    /// - Parameters:
    ///   - width: channels of x, of y and in between.
    ///   - first: what the first convolution is called in the names of the parameters.
    ///   - second: what the second one is called.
    public init(
        width: Int, name: String, first: String = "first", second: String = "second", in parameters: ParameterSet
    ) {
        self.width = width
        let start = Initialization.uniform(1 / Float(9 * width).squareRoot())
        let (shape, bias) = ([3, 3, width, width], [width])
        firstWeight = parameters.add("\(name).\(first).weight", shape: shape, initialization: start)
        firstBias = parameters.add("\(name).\(first).bias", shape: bias, initialization: start)
        secondWeight = parameters.add("\(name).\(second).weight", shape: shape, initialization: start)
        secondBias = parameters.add("\(name).\(second).bias", shape: bias, initialization: start)
    }

    /// Records the block on a tape.
    /// - Parameters:
    ///   - x: maps one after another, a row for each pixel, a column for each channel.
    ///   - grid: the order of a map's pixels.
    /// - Returns: the shape of x.
    public func callAsFunction(_ x: Value, grid: PixelGrid, on tape: Tape) -> Value {
        let operation = ConvolutionalResidualBlockOperation(self, x, grid: grid, on: tape)
        tape.record(operation)
        return operation.result
    }
}

final class ConvolutionalResidualBlockOperation: Operation {
    let x: Value
    let result: Value
    private let block: ConvolutionalResidualBlock
    private let convolution: WinogradConvolution
    /// GELU of the first convolution, and GELU' there.
    private let activations: ScratchMemory
    private let derivatives: ScratchMemory
    /// The gradient of the activations, within one backward.
    private let scratch: ScratchMemory
    private let arithmetic: Arithmetic

    init(_ block: ConvolutionalResidualBlock, _ x: Value, grid: PixelGrid, on tape: Tape) {
        precondition(x.columns == block.width, "a block of \(block.width) channels was given \(x.columns)")
        precondition(x.rows % grid.rows == 0, "\(x.rows) rows are not whole maps of \(grid.rows) pixels")
        self.block = block
        self.x = x
        arithmetic = tape.arithmetic
        let convolution = WinogradConvolution(
            grid: grid, images: x.rows / grid.rows, inputs: block.width, outputs: block.width)
        self.convolution = convolution
        result = tape.output(
            rows: x.rows, columns: x.columns, of: [x],
            parameters: [block.firstWeight, block.firstBias, block.secondWeight, block.secondBias])
        activations = tape.kept(x.count, slot: 0)
        derivatives = tape.kept(x.count, slot: 1)
        let forward = convolution.pointCount + convolution.forwardCount
        scratch = tape.scratch(tape.isTraining ? max(forward, x.count + convolution.backwardCount) : forward)
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }
    var parameters: [Parameter] { [block.firstWeight, block.firstBias, block.secondWeight, block.secondBias] }
    var passedInput: Value? { x }
    var work: OperationWork {
        let weights = 9 * block.width * block.width
        return OperationWork(rows: x.rows, weights: weights, passesBack: true)
            + OperationWork(rows: x.rows, weights: weights, passesBack: x.needsGradient)
    }

    func forward() {
        let points = scratch.pointer
        let memory = points + convolution.pointCount
        convolution.transform(block.firstWeight.values, into: points)
        convolution.forward(
            x.data, points: points, scratch: memory, bias: block.firstBias.values,
            output: .gelu(activations.pointer, derivative: derivatives.pointer), arithmetic: arithmetic)
        convolution.transform(block.secondWeight.values, into: points)
        convolution.forward(
            activations.pointer, points: points, scratch: memory, bias: block.secondBias.values,
            output: .sum(with: x.data, result.data), arithmetic: arithmetic)
    }

    func backward(_ pass: borrowing BackwardPass) {
        let hidden = scratch.pointer
        let memory = hidden + x.count
        convolution.backward(
            result.gradient, input: activations.pointer, weights: block.secondWeight.values,
            weightGradient: pass.target(of: block.secondWeight).memory,
            biasGradient: pass.target(of: block.secondBias).memory,
            inputGradient: GradientMemory(hidden, accumulate: false), scratch: memory)
        if x.needsGradient { pass.passGradient(of: result, to: x) }
        convolution.backward(
            hidden, factors: derivatives.pointer, input: x.data,
            weights: block.firstWeight.values, weightGradient: pass.target(of: block.firstWeight).memory,
            biasGradient: pass.target(of: block.firstBias).memory,
            inputGradient: x.needsGradient ? GradientMemory(x.gradient, accumulate: true) : nil, scratch: memory)
    }
}

extension BackwardPass.Target {
    /// For kernels that do not know of tapes.
    var memory: GradientMemory { GradientMemory(pointer, accumulate: accumulate) }
}
