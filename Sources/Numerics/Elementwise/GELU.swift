/// The exact Gaussian error linear unit x Phi(x) and its derivative Phi(x) + x phi(x), for whole layers.
///
///     biasAndGELU(pre, bias, rows: 256, columns: 192, output: activations)
///     // `pre` now holds GELU'(pre + bias): all that the backward pass needs
///
/// Phi is the standard normal distribution function, by the complementary error function: with z = |x| / sqrt 2 and
/// t = 1 / (1 + 0.45 z), erfc z = e^(-z^2) t P(t). P is a minimax fit of degree 6 with an error below 3e-7 in `Float`.
///
/// Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
public enum GELU {
    /// GELU and GELU' of each lane.
    @inlinable @inline(__always)
    public static func evaluate(_ x: Lanes) -> (value: Lanes, derivative: Lanes) {
        let negative = x .< Lanes(repeating: 0)
        let magnitude = x.replacing(with: -x, where: negative)
        let one = Lanes(repeating: 1)
        let t = one / multiplyAdd(magnitude, Lanes(repeating: 0.45 * 0.707_106_78), plus: one)
        let gaussian = exponential(x * x * Lanes(repeating: -0.5))
        var sum = Lanes(repeating: 0.092_569_35)
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: -0.494_102_95))
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: 0.857_165_05))
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: -0.375_799_91))
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: 0.460_168_92))
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: 0.201_009_92))
        sum = multiplyAdd(sum, t, plus: Lanes(repeating: 0.258_989_62))
        let tail = sum * t * gaussian * Lanes(repeating: 0.5)
        let distribution = (one - tail).replacing(with: tail, where: negative)
        let density = gaussian * Lanes(repeating: 0.398_942_28)
        return (x * distribution, multiplyAdd(x, density, plus: distribution))
    }
}

/// output = GELU(pre + bias), row by row, and pre = GELU'(pre + bias).
///
/// - Parameters:
///   - pre: rows x columns, contiguous.
///   - output: rows x columns, contiguous.
///   - bias: one number for each column.
public func biasAndGELU(
    _ pre: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, rows: Int, columns: Int,
    output: UnsafeMutablePointer<Float>
) {
    let lanes = Lanes.scalarCount
    let whole = columns / lanes * lanes
    for row in 0..<rows {
        let (from, to) = (pre + row &* columns, output + row &* columns)
        var column = 0
        while column < whole {
            let result = GELU.evaluate(load(from + column) + load(bias + column))
            store(result.value, to: to + column)
            store(result.derivative, to: from + column)
            column &+= lanes
        }
        if column < columns {
            let rest = columns - column
            let result = GELU.evaluate(
                loadPart(from + column, count: rest) + loadPart(bias + column, count: rest))
            storePart(result.value, to: to + column, count: rest)
            storePart(result.derivative, to: from + column, count: rest)
        }
    }
}
