import Numerics

/// A fully connected layer y = x W^T + b over the rows of its input.
///
///     let layer = Linear(inputs: 2, outputs: 192, name: "analysis.0", in: parameters)
///     let y = layer(x, on: tape)                              // rows x 192
///     let shape = layer.weight.shape                          // [192, 2]
///
/// Parameters `NAME.weight` (outputs x inputs) and `NAME.bias` (outputs) start uniform in +-1/sqrt(inputs), as is the
/// custom for such layers.
public struct Linear: Sendable {
    /// Columns of x.
    public let inputs: Int
    /// Columns of y.
    public let outputs: Int
    /// W: `[outputs, inputs]`.
    public let weight: Parameter
    /// b: `[outputs]`.
    public let bias: Parameter

    /// Adds the layer's parameters to a set.
    /// - Parameters:
    ///   - weightInitialization: nil for uniform in +-1/sqrt(inputs).
    ///   - biasInitialization: nil for the same.
    public init(
        inputs: Int, outputs: Int, name: String, in parameters: ParameterSet,
        weightInitialization: Initialization? = nil, biasInitialization: Initialization? = nil
    ) {
        self.inputs = inputs
        self.outputs = outputs
        let bound = Initialization.uniform(1 / Float(inputs).squareRoot())
        weight = parameters.add(
            name + ".weight", shape: [outputs, inputs], initialization: weightInitialization ?? bound)
        bias = parameters.add(name + ".bias", shape: [outputs], initialization: biasInitialization ?? bound)
    }

    /// Records the layer on a tape.
    /// - Parameter x: rows x inputs.
    /// - Returns: rows x outputs.
    public func callAsFunction(_ x: Value, on tape: Tape) -> Value {
        let operation = LinearOperation(self, x, nil, on: tape)
        tape.record(operation)
        return operation.result
    }

    /// Records skip + x W^T + b, which is one pass over memory.
    /// - Parameters:
    ///   - x: rows x inputs.
    ///   - skip: rows x outputs.
    public func callAsFunction(_ x: Value, addedTo skip: Value, on tape: Tape) -> Value {
        let operation = LinearOperation(self, x, skip, on: tape)
        tape.record(operation)
        return operation.result
    }
}

final class LinearOperation: Operation {
    let x: Value
    let result: Value
    private let layer: Linear
    private let skip: Value?
    private let arithmetic: Arithmetic

    init(_ layer: Linear, _ x: Value, _ skip: Value?, on tape: Tape) {
        precondition(x.columns == layer.inputs, "a layer of \(layer.inputs) inputs was given \(x.columns)")
        precondition(skip.map { $0.rows == x.rows && $0.columns == layer.outputs } ?? true)
        self.layer = layer
        self.x = x
        self.skip = skip
        arithmetic = tape.arithmetic
        result = tape.output(
            rows: x.rows, columns: layer.outputs, of: [x], parameters: [layer.weight, layer.bias])
    }

    var inputs: [Value] { [x] + (skip.map { [$0] } ?? []) }
    var output: Value? { result }
    var passedInput: Value? { skip }
    var parameters: [Parameter] { [layer.weight, layer.bias] }
    var work: OperationWork {
        OperationWork(rows: x.rows, weights: layer.inputs * layer.outputs, passesBack: x.needsGradient)
    }

    func forward() {
        if let skip {
            addToRows(skip.data, layer.bias.values, rows: x.rows, columns: layer.outputs, output: result.data)
        }
        gemm(
            rows: x.rows, columns: layer.outputs, inner: layer.inputs, a: x.data, b: layer.weight.values,
            transposeB: true, beta: skip == nil ? 0 : 1, c: result.data, arithmetic: arithmetic)
        if skip == nil { addToRows(result.data, layer.bias.values, rows: x.rows, columns: layer.outputs) }
    }

    func backward(_ pass: borrowing BackwardPass) {
        let bias = pass.target(of: layer.bias)
        sumRows(
            result.gradient, rows: x.rows, columns: layer.outputs, into: bias.pointer, accumulate: bias.accumulate)
        let weight = pass.target(of: layer.weight)
        gemm(
            rows: layer.outputs, columns: layer.inputs, inner: x.rows, a: result.gradient, transposeA: true,
            b: x.data, beta: weight.beta, c: weight.pointer)
        if x.needsGradient {
            let target = pass.target(of: x)
            gemm(
                rows: x.rows, columns: layer.inputs, inner: layer.outputs, a: result.gradient, b: layer.weight.values,
                beta: target.beta, c: target.pointer)
        }
        // Last: the skip may take over the memory of the result's gradient.
        if let skip { pass.passGradient(of: result, to: skip) }
    }
}
