/// Measured points of one codec: what quality it reaches at what rate.
///
///     let curve = RateDistortionCurve(name: "RRQ", rates: [0.1, 0.2, 0.4, 0.8], qualities: [24.0, 26.1, 28.4, 31.0])
///     let saving = try BjontegaardDelta.rate(of: curve, against: anchor)        // -12.3: 12.3 % fewer bits
public struct RateDistortionCurve: Sendable, Equatable {
    public var name: String
    /// Bits per pixel or per dimension; positive.
    public var rates: [Double]
    /// A quality that grows, such as PSNR in dB.
    public var qualities: [Double]

    public init(name: String, rates: [Double], qualities: [Double]) {
        self.name = name
        self.rates = rates
        self.qualities = qualities
    }
}
