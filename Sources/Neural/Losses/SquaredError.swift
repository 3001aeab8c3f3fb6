import Numerics

/// Adds the squared error between two values to the objective: term = sum (w (x - y))^2.
///
///     let distortion = tape.term("distortion")
///     distortion.weight = lambda / Double(batch * dimension)
///     squaredError(reconstruction, x, term: distortion, on: tape)
///
/// The gradient goes to each side that needs one.
/// - Parameter mask: w, an element for each of x: 1 if it counts, 0 if not; nil if all count. Filled by the caller.
public func squaredError(_ x: Value, _ y: Value, mask: AlignedBuffer<Float>? = nil, term: Term, on tape: Tape) {
    tape.record(SquaredErrorOperation(x, y, mask, term))
}

final class SquaredErrorOperation: Operation {
    private let x: Value
    private let y: Value
    private let mask: AlignedBuffer<Float>?
    private let term: Term

    init(_ x: Value, _ y: Value, _ mask: AlignedBuffer<Float>?, _ term: Term) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        precondition(mask.map { $0.count == x.count } ?? true)
        self.x = x
        self.y = y
        self.mask = mask
        self.term = term
    }

    var inputs: [Value] { [x, y] }
    var output: Value? { nil }

    func forward() {
        var sum = 0.0
        let columns = x.columns
        for row in 0..<x.rows {
            // A row in Float, rows in Double: as exact as the data, and fast.
            var part: Float = 0
            for index in row &* columns..<(row &+ 1) &* columns {
                let difference = weight(index) * (x.data[index] - y.data[index])
                part += difference * difference
            }
            sum += Double(part)
        }
        term.value = sum
    }

    func backward(_ pass: borrowing BackwardPass) {
        let factor = Float(2 * term.weight)
        if x.needsGradient { add(factor, x, y, pass.target(of: x)) }
        if y.needsGradient { add(factor, y, x, pass.target(of: y)) }
    }

    @inline(__always) private func weight(_ index: Int) -> Float { mask.map { $0.pointer[index] } ?? 1 }

    /// target (+)= factor w (one - other)
    private func add(_ factor: Float, _ one: Value, _ other: Value, _ target: BackwardPass.Target) {
        if target.accumulate {
            for index in 0..<one.count {
                target.pointer[index] += factor * weight(index) * (one.data[index] - other.data[index])
            }
        } else {
            for index in 0..<one.count {
                target.pointer[index] = factor * weight(index) * (one.data[index] - other.data[index])
            }
        }
    }
}
