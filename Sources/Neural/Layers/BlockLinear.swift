import Numerics

/// A fully connected layer over the pixels of each block of a map, for every channel on its own, added to its input.
///
///     let layer = BlockLinear(block: 4, channels: 192, name: "unit.0.block", in: parameters)
///     let y = layer(x, on: tape)                              // the shape of x
///     // y[to, c] = x[to, c] + bias[to, c] + sum over from of x[from, c] weight[from, to, c], block by block
///
/// Parameters `NAME.weight` (P x P x channels: from, to, channel) and `NAME.bias` (P x channels), with P the pixels of a
/// block, start uniform in +-1/sqrt(P). In the order of a `PixelGrid` of this block, a block is P rows of the map that
/// follow one another.
public struct BlockLinear: Sendable {
    /// P, the pixels of a block.
    public let pixels: Int
    /// Columns of input and output.
    public let channels: Int
    /// `[pixels, pixels, channels]`: from, to, channel.
    public let weight: Parameter
    /// `[pixels, channels]`.
    public let bias: Parameter

    /// Adds the layer's parameters to a set.
    /// - Parameters:
    ///   - block: pixels along a block's side.
    ///   - gain: what the usual start of the weights is multiplied by; biases start at 0 if it is not 1.
    public init(block: Int, channels: Int, gain: Float = 1, name: String, in parameters: ParameterSet) {
        precondition(block > 0 && channels > 0)
        let pixels = block * block
        self.pixels = pixels
        self.channels = channels
        let start = Initialization.uniform(gain / Float(pixels).squareRoot())
        weight = parameters.add(name + ".weight", shape: [pixels, pixels, channels], initialization: start)
        bias = parameters.add(
            name + ".bias", shape: [pixels, channels], initialization: gain == 1 ? start : .constant(0))
    }

    /// Records the layer on a tape.
    /// - Parameter x: maps in the order of a `PixelGrid` of this block, one after another.
    /// - Returns: the shape of x.
    public func callAsFunction(_ x: Value, on tape: Tape) -> Value {
        let operation = BlockLinearOperation(self, x, on: tape)
        tape.record(operation)
        return operation.result
    }
}

final class BlockLinearOperation: Operation {
    let x: Value
    let result: Value
    private let layer: BlockLinear
    private let product: BlockProduct
    private let scratch: ScratchMemory

    init(_ layer: BlockLinear, _ x: Value, on tape: Tape) {
        precondition(x.columns == layer.channels, "a layer of \(layer.channels) channels was given \(x.columns)")
        precondition(x.rows % layer.pixels == 0, "\(x.rows) rows are not whole blocks of \(layer.pixels) pixels")
        self.layer = layer
        self.x = x
        result = tape.output(rows: x.rows, columns: x.columns, of: [x], parameters: [layer.weight, layer.bias])
        product = BlockProduct(pixels: layer.pixels, channels: layer.channels)
        scratch = tape.scratch(product.packedCount + (tape.isTraining ? product.backwardCount : 0))
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }
    var parameters: [Parameter] { [layer.weight, layer.bias] }
    var passedInput: Value? { x }
    var work: OperationWork {
        OperationWork(rows: x.rows, weights: layer.pixels * layer.channels, passesBack: x.needsGradient)
    }

    private var blocks: Int { x.rows / layer.pixels }

    func forward() {
        let packed = scratch.pointer
        product.pack(layer.weight.values, into: packed)
        product.forward(x.data, blocks: blocks, packed: packed, bias: layer.bias.values, output: result.data)
    }

    func backward(_ pass: borrowing BackwardPass) {
        let packed = scratch.pointer
        if x.needsGradient {
            pass.passGradient(of: result, to: x)
            product.pack(layer.weight.values, transposed: true, into: packed)
        }
        product.backward(
            result.gradient, input: x.data, blocks: blocks, packed: x.needsGradient ? UnsafePointer(packed) : nil,
            weightGradient: pass.target(of: layer.weight).memory, biasGradient: pass.target(of: layer.bias).memory,
            inputGradient: x.needsGradient ? x.gradient : nil, scratch: packed + product.packedCount)
    }
}
