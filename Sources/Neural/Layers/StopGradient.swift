/// The same value, from which no gradient flows back: what comes before stays as it is.
///
///     let latents = stopGradient(analysis(x, on: tape), on: tape)   // only what follows is trained
public func stopGradient(_ x: Value, on tape: Tape) -> Value {
    let operation = StopGradientOperation(x, on: tape)
    tape.record(operation)
    return operation.result
}

final class StopGradientOperation: Operation {
    private let x: Value
    let result: Value

    init(_ x: Value, on tape: Tape) {
        self.x = x
        result = tape.input(rows: x.rows, columns: x.columns)
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }
    func forward() { result.data.update(from: x.data, count: x.count) }
    func backward(_ pass: borrowing BackwardPass) {}
}
