import Numerics

/// Adds the squared error between two values to the objective: term = sum (w (x - y))^2.
///
///     let distortion = tape.term("distortion")
///     distortion.weight = lambda / Double(batch * dimension)
///     squaredError(reconstruction, x, term: distortion, on: tape)
///
/// The gradient goes to both sides where they need one.
/// - Parameter mask: w, 1 for the elements that count and 0 for the others; nil where all do. Filled by the caller.
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
            for place in row &* columns..<(row &+ 1) &* columns {
                let difference = weight(place) * (x.data[place] - y.data[place])
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

    @inline(__always) private func weight(_ place: Int) -> Float { mask.map { $0.pointer[place] } ?? 1 }

    /// target (+)= factor w (one - other)
    private func add(_ factor: Float, _ one: Value, _ other: Value, _ target: BackwardPass.Target) {
        if target.accumulate {
            for place in 0..<one.count {
                target.pointer[place] += factor * weight(place) * (one.data[place] - other.data[place])
            }
        } else {
            for place in 0..<one.count {
                target.pointer[place] = factor * weight(place) * (one.data[place] - other.data[place])
            }
        }
    }
}
