/// A cubic through points that never overshoots them: PCHIP, with an exact integral.
///
///     let curve = MonotoneCubic(x: [0, 1, 3], y: [0, 2, 2.5])     // x strictly increasing
///     let between = curve.value(at: 2)
///     let area = curve.integral(from: 0.5, to: 2.5)               // a polynomial's, not a sum of samples
///
/// Slopes inside are Fritsch and Butland's weighted harmonic mean, slopes at the ends the shape-preserving three-point
/// formula, as in SciPy's `PchipInterpolator` and Moler's `pchiptx`. (Fritsch and Carlson 1980; Fritsch and Butland
/// 1984)
package struct MonotoneCubic {
    private let x: [Double]
    private let y: [Double]
    private let slopes: [Double]

    /// At least two points, x strictly increasing.
    package init(x: [Double], y: [Double]) {
        precondition(x.count == y.count && x.count >= 2, "PCHIP needs two points or more")
        precondition(zip(x.dropFirst(), x).allSatisfy { $0 > $1 }, "PCHIP needs strictly increasing x")
        self.x = x
        self.y = y
        slopes = Self.slopes(x, y)
    }

    /// The value at a position; beyond the points the outermost cubic continues.
    package func value(at position: Double) -> Double {
        let (index, t) = locate(position)
        let c = coefficients(index)
        return ((c.cubic * t + c.square) * t + c.linear) * t + c.constant
    }

    /// The exact integral between two positions.
    package func integral(from start: Double, to end: Double) -> Double { antiderivative(end) - antiderivative(start) }

    // MARK: pieces

    /// The interval and the distance from its left end; beyond the points the outermost cubic continues.
    private func locate(_ position: Double) -> (index: Int, distance: Double) {
        let index = min(max((x.firstIndex { $0 > position } ?? x.count) - 1, 0), x.count - 2)
        return (index, position - x[index])
    }

    private func coefficients(_ index: Int) -> (constant: Double, linear: Double, square: Double, cubic: Double) {
        let h = x[index + 1] - x[index]
        let secant = (y[index + 1] - y[index]) / h
        let (left, right) = (slopes[index], slopes[index + 1])
        return (y[index], left, (3 * secant - 2 * left - right) / h, (left + right - 2 * secant) / (h * h))
    }

    private func area(_ index: Int, _ t: Double) -> Double {
        let c = coefficients(index)
        return (((c.cubic * t / 4 + c.square / 3) * t + c.linear / 2) * t + c.constant) * t
    }

    /// The integral from the first point.
    private func antiderivative(_ position: Double) -> Double {
        let (index, t) = locate(position)
        var sum = 0.0
        for before in 0..<index { sum += area(before, x[before + 1] - x[before]) }
        return sum + area(index, t)
    }

    private static func slopes(_ x: [Double], _ y: [Double]) -> [Double] {
        let h = zip(x.dropFirst(), x).map { $0 - $1 }
        let secants = zip(zip(y.dropFirst(), y).map { $0 - $1 }, h).map { $0 / $1 }
        guard secants.count > 1 else { return [secants[0], secants[0]] }
        var slopes = [endSlope(h[0], h[1], secants[0], secants[1])]
        for index in 1..<secants.count {
            let (before, after) = (secants[index - 1], secants[index])
            guard before * after > 0 else {
                // A summit, a valley or a plateau stays one.
                slopes.append(0)
                continue
            }
            let first = 2 * h[index] + h[index - 1]
            let second = h[index] + 2 * h[index - 1]
            slopes.append((first + second) / (first / before + second / after))
        }
        let last = secants.count - 1
        slopes.append(endSlope(h[last], h[last - 1], secants[last], secants[last - 1]))
        return slopes
    }

    private static func endSlope(_ near: Double, _ far: Double, _ nearSecant: Double, _ farSecant: Double) -> Double {
        let slope = ((2 * near + far) * nearSecant - near * farSecant) / (near + far)
        if slope.sign != nearSecant.sign || nearSecant == 0 { return 0 }
        let turns = nearSecant * farSecant < 0 || farSecant == 0
        return turns && abs(slope) > 3 * abs(nearSecant) ? 3 * nearSecant : slope
    }
}
