import Foundation

/// The average distance of two rate-distortion curves, as a rate difference in percent or a quality difference in dB.
///
///     let percent = try BjontegaardDelta.rate(of: lloyd, against: vtm)       // below zero: fewer bits, same quality
///     let decibel = try BjontegaardDelta.quality(of: lloyd, against: vtm)       // above zero: better, same rate
///     // errors: fewer than two points, no common interval, a rate that is not positive, a value twice
///
/// Curves are joined by PCHIP over log10 of the rate and integrated exactly over the interval both cover.
/// (Bjøntegaard, VCEG-M33, 2001; the PCHIP form is that of VCEG-AI11 and JCTVC-B055.)
public enum BjontegaardDelta {
    /// BD-rate in percent: how many more bits `curve` needs for the same quality, on average over the common qualities.
    ///
    /// - Throws: `LloydError` naming the curve when it has fewer than two points, a value that is not finite, a
    ///   rate that is not positive or a quality twice, or when the curves have no quality in common.
    public static func rate(of curve: RateDistortionCurve, against anchor: RateDistortionCurve) throws -> Double {
        let difference = try meanDifference(
            of: points(curve).map { ($0.quality, $0.logRate) }, named: curve.name,
            against: points(anchor).map { ($0.quality, $0.logRate) }, named: anchor.name, over: "quality")
        return (pow(10, difference) - 1) * 100
    }

    /// BD-PSNR in the quality's unit: how much better `curve` is at the same rate, on average over the common log
    /// rates.
    ///
    /// - Throws: as `rate(of:against:)`, with rates and qualities interchanged.
    public static func quality(of curve: RateDistortionCurve, against anchor: RateDistortionCurve) throws -> Double {
        try meanDifference(
            of: points(curve).map { ($0.logRate, $0.quality) }, named: curve.name,
            against: points(anchor).map { ($0.logRate, $0.quality) }, named: anchor.name, over: "rate")
    }

    private static func points(_ curve: RateDistortionCurve) throws -> [(logRate: Double, quality: Double)] {
        func fail(_ problem: String, _ remedy: String) -> LloydError {
            LloydError(at: "Bjøntegaard delta", item: "curve “\(curve.name)”", problem: problem, remedy: remedy)
        }
        guard curve.rates.count == curve.qualities.count else {
            throw fail(
                "\(curve.rates.count) rates and \(curve.qualities.count) qualities", "Give each point both.")
        }
        guard curve.rates.count >= 2 else {
            throw fail(
                "\(curve.rates.count) point(s), at least 2 are needed", "Measure more rates; four are customary.")
        }
        return try zip(curve.rates, curve.qualities).map { rate, quality in
            guard rate > 0, rate.isFinite, quality.isFinite else {
                throw fail("the point (\(rate), \(quality)) has no logarithm or is not finite", "Leave it out.")
            }
            return (log10(rate), quality)
        }
    }

    /// Mean of curve minus anchor over the x interval both cover.
    private static func meanDifference(
        of curve: [(Double, Double)], named name: String, against anchor: [(Double, Double)], named anchorName: String,
        over quantity: String
    ) throws -> Double {
        let first = try interpolant(curve, name, quantity)
        let second = try interpolant(anchor, anchorName, quantity)
        let low = max(first.low, second.low)
        let high = min(first.high, second.high)
        guard high > low else {
            throw LloydError(
                at: "Bjøntegaard delta", item: "curves “\(name)” and “\(anchorName)”",
                problem: "no \(quantity) interval is covered by both",
                remedy: "Measure the curves over overlapping ranges.")
        }
        let area = first.cubic.integral(from: low, to: high) - second.cubic.integral(from: low, to: high)
        return area / (high - low)
    }

    private static func interpolant(
        _ points: [(Double, Double)], _ name: String, _ quantity: String
    ) throws -> (cubic: MonotoneCubic, low: Double, high: Double) {
        let sorted = points.sorted { $0.0 < $1.0 }
        for (next, point) in zip(sorted.dropFirst(), sorted) where next.0 <= point.0 {
            let value = quantity == "rate" ? pow(10, point.0) : point.0
            throw LloydError(
                at: "Bjøntegaard delta", item: "curve “\(name)”", problem: "the \(quantity) \(value) occurs twice",
                remedy: "Keep the better one of these points.")
        }
        let cubic = MonotoneCubic(x: sorted.map(\.0), y: sorted.map(\.1))
        return (cubic, sorted[0].0, sorted[sorted.count - 1].0)
    }
}
