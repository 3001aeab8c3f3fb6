import Numerics

/// x held in a range, element by element; the gradient passes if x lies inside, or if it would bring x back inside.
///
///     let bounded = oneSidedClamp(x, to: -1...1, on: tape)
///
/// Source: the lower bound of Ballé et al., "Variational image compression with a scale hyperprior", 2018.
public func oneSidedClamp(_ x: Value, to range: ClosedRange<Float>, on tape: Tape) -> Value {
    let operation = OneSidedClampOperation(x, range, on: tape)
    tape.record(operation)
    return operation.result
}

final class OneSidedClampOperation: Operation {
    private let x: Value
    private let range: ClosedRange<Float>
    let result: Value

    init(_ x: Value, _ range: ClosedRange<Float>, on tape: Tape) {
        self.x = x
        self.range = range
        result = tape.output(rows: x.rows, columns: x.columns, of: [x])
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }

    func forward() {
        let (low, high) = (range.lowerBound, range.upperBound)
        let (source, target) = (x.data, result.data)
        for index in 0..<x.count { target[index] = min(max(source[index], low), high) }
    }

    func backward(_ pass: borrowing BackwardPass) {
        guard x.needsGradient else { return }
        let (low, high) = (range.lowerBound, range.upperBound)
        let target = pass.target(of: x)
        for index in 0..<x.count {
            let (value, gradient) = (x.data[index], result.gradient[index])
            // A step goes against the gradient: a positive one lowers x.
            let passes = (value >= low || gradient < 0) && (value <= high || gradient > 0)
            let step = passes ? gradient : 0
            target.pointer[index] = target.accumulate ? target.pointer[index] + step : step
        }
    }
}
