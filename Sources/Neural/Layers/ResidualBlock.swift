import Numerics

/// A residual block y = x + FC2(GELU(FC1 x)) over the rows of its input.
///
///     let block = ResidualBlock(width: 192, hidden: 192, name: "analysis.1", in: parameters)
///     let y = block(x, on: tape)                              // the shape of x
///     let shape = block.first.weight.shape                    // [hidden, width]
///
/// Bias, GELU and its derivative are one pass over memory; the sum with x happens inside the second product, and the
/// gradient of x continues in the memory of the gradient of y.
public struct ResidualBlock: Sendable {
    /// FC1: width to hidden.
    public let first: Linear
    /// FC2: hidden to width.
    public let second: Linear

    /// Adds the block's parameters to a set.
    /// - Parameters:
    ///   - width: columns of x and y.
    ///   - hidden: columns between the two layers.
    ///   - residualGain: what the usual start of the second layer's weights is multiplied by; its biases then start at 0.
    ///     Nil for the usual start of both.
    ///   - firstName: what the first layer is called in the names of the parameters.
    ///   - secondName: what the second layer is called there.
    public init(
        width: Int, hidden: Int, residualGain: Float? = nil, name: String,
        first firstName: String = "first", second secondName: String = "second", in parameters: ParameterSet
    ) {
        first = Linear(inputs: width, outputs: hidden, name: "\(name).\(firstName)", in: parameters)
        second = Linear(
            inputs: hidden, outputs: width, name: "\(name).\(secondName)", in: parameters,
            weightInitialization: residualGain.map { .uniform($0 / Float(hidden).squareRoot()) },
            biasInitialization: residualGain.map { _ in .constant(0) })
    }

    /// Records the block on a tape.
    /// - Parameter x: rows x width.
    /// - Returns: rows x width.
    public func callAsFunction(_ x: Value, on tape: Tape) -> Value {
        let operation = ResidualBlockOperation(self, x, on: tape)
        tape.record(operation)
        return operation.result
    }
}

final class ResidualBlockOperation: Operation {
    let x: Value
    let result: Value
    private let first: Linear
    private let second: Linear
    /// GELU(FC1 x), and GELU' there: rows x hidden.
    private let activations: ScratchMemory
    private let derivatives: ScratchMemory
    /// The gradient of FC1 x, within one backward.
    private let hiddenGradient: ScratchMemory
    private let arithmetic: Arithmetic

    init(_ block: ResidualBlock, _ x: Value, on tape: Tape) {
        precondition(x.columns == block.first.inputs)
        first = block.first
        second = block.second
        self.x = x
        arithmetic = tape.arithmetic
        result = tape.output(
            rows: x.rows, columns: x.columns, of: [x],
            parameters: [first.weight, first.bias, second.weight, second.bias])
        activations = tape.kept(x.rows * first.outputs, slot: 0)
        derivatives = tape.kept(x.rows * first.outputs, slot: 1)
        hiddenGradient = tape.scratch(x.rows * first.outputs)
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }
    var parameters: [Parameter] { [first.weight, first.bias, second.weight, second.bias] }
    var passedInput: Value? { x }
    var work: OperationWork {
        let weights = first.inputs * first.outputs
        return OperationWork(rows: x.rows, weights: weights, passesBack: true)
            + OperationWork(rows: x.rows, weights: weights, passesBack: x.needsGradient)
    }

    func forward() {
        let (rows, width, hidden) = (x.rows, x.columns, first.outputs)
        gemm(
            rows: rows, columns: hidden, inner: width, a: x.data, b: first.weight.values, transposeB: true,
            c: derivatives.pointer, arithmetic: arithmetic)
        biasAndGELU(
            derivatives.pointer, first.bias.values, rows: rows, columns: hidden, output: activations.pointer)
        addToRows(x.data, second.bias.values, rows: rows, columns: width, output: result.data)
        gemm(
            rows: rows, columns: width, inner: hidden, a: activations.pointer, b: second.weight.values,
            transposeB: true, beta: 1, c: result.data, arithmetic: arithmetic)
    }

    func backward(_ pass: borrowing BackwardPass) {
        let (rows, width, hidden) = (x.rows, x.columns, first.outputs)
        let gradient = result.gradient
        let bias = pass.target(of: second.bias)
        sumRows(gradient, rows: rows, columns: width, into: bias.pointer, accumulate: bias.accumulate)
        let weight = pass.target(of: second.weight)
        gemm(
            rows: width, columns: hidden, inner: rows, a: gradient, transposeA: true, b: activations.pointer,
            beta: weight.beta, c: weight.pointer)
        let inner = hiddenGradient.pointer
        gemm(rows: rows, columns: hidden, inner: width, a: gradient, b: second.weight.values, c: inner)
        let firstBias = pass.target(of: first.bias)
        multiplyAndSumRows(
            inner, derivatives.pointer, rows: rows, columns: hidden, into: firstBias.pointer,
            accumulate: firstBias.accumulate)
        let firstWeight = pass.target(of: first.weight)
        gemm(
            rows: hidden, columns: width, inner: rows, a: inner, transposeA: true, b: x.data,
            beta: firstWeight.beta, c: firstWeight.pointer)
        guard x.needsGradient else { return }
        pass.passGradient(of: result, to: x)
        gemm(
            rows: rows, columns: width, inner: hidden, a: inner, b: first.weight.values, beta: 1, c: x.gradient)
    }
}
