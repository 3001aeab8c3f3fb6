/// Measured points of one codec: what quality it reaches at what rate.
///
///     let curve = RateDistortionCurve(name: "RRQ", rates: [0.1, 0.2, 0.4, 0.8], qualities: [24.0, 26.1, 28.4, 31.0])
///     let saving = try BjontegaardDelta.rate(of: curve, against: anchor)        // -12.3: 12.3 % fewer bits
public struct RateDistortionCurve: Sendable, Equatable {
    /// What legends, tables and messages call it.
    public var name: String
    /// Bits per pixel or per dimension; positive.
    public var rates: [Double]
    /// At each rate, a quality that grows, such as PSNR in dB.
    public var qualities: [Double]

    public init(name: String, rates: [Double], qualities: [Double]) {
        self.name = name
        self.rates = rates
        self.qualities = qualities
    }
}

extension RateDistortionCurve {
    /// The points that a logarithmic rate axis can show.
    package var withoutZeroRates: RateDistortionCurve {
        let kept = zip(rates, qualities).filter { $0.0 > 0 }
        return RateDistortionCurve(name: name, rates: kept.map(\.0), qualities: kept.map(\.1))
    }

    /// Quality at a rate between the lowest and the highest: PCHIP over the rate itself, along which high-rate curves
    /// are straight. Nil outside, and if there are fewer than two points with different rates.
    package func quality(at rate: Double) -> Double? {
        var points: [(rate: Double, quality: Double)] = []
        for point in zip(rates, qualities).sorted(by: { ($0.0, -$0.1) < ($1.0, -$1.1) })
        where point.0 > (points.last?.rate ?? -.infinity) && point.1.isFinite {
            points.append((point.0, point.1))
        }
        guard points.count >= 2, rate >= points[0].rate, rate <= points[points.count - 1].rate else { return nil }
        return MonotoneCubic(x: points.map(\.rate), y: points.map(\.quality)).value(at: rate)
    }
}
