import Numerics

/// x + y, of the same shape.
///
///     let y = add(x, block(x, on: tape), on: tape)            // a skip around a chain of layers
public func add(_ x: Value, _ y: Value, on tape: Tape) -> Value { sum(x, y, sign: 1, tape) }

/// x - y, of the same shape.
///
///     let residual = subtract(latents, prediction, on: tape)
public func subtract(_ x: Value, _ y: Value, on tape: Tape) -> Value { sum(x, y, sign: -1, tape) }

private func sum(_ x: Value, _ y: Value, sign: Float, _ tape: Tape) -> Value {
    let operation = SumOperation(x, y, sign: sign, on: tape)
    tape.record(operation)
    return operation.result
}

final class SumOperation: Operation {
    private let x: Value
    private let y: Value
    private let sign: Float
    let result: Value

    init(_ x: Value, _ y: Value, sign: Float, on tape: Tape) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        self.x = x
        self.y = y
        self.sign = sign
        result = tape.output(rows: x.rows, columns: x.columns, of: [x, y])
    }

    var inputs: [Value] { [x, y] }
    var output: Value? { result }
    var passedInput: Value? { x }

    func forward() {
        let factor = Lanes(repeating: sign)
        let (one, other, target) = (x.data, y.data, result.data)
        var index = 0
        while index &+ Lanes.scalarCount <= x.count {
            store(multiplyAdd(load(other + index), factor, plus: load(one + index)), to: target + index)
            index &+= Lanes.scalarCount
        }
        while index < x.count {
            target[index] = one[index] + sign * other[index]
            index &+= 1
        }
    }

    func backward(_ pass: borrowing BackwardPass) {
        // y first: x may take over the memory of the result's gradient.
        if y.needsGradient {
            let target = pass.target(of: y)
            if !target.accumulate { target.pointer.update(repeating: 0, count: y.count) }
            addScaled(result.gradient, factor: sign, to: target.pointer, count: y.count)
        }
        pass.passGradient(of: result, to: x)
    }
}
