/// An image codec that runs of a method are: its curve, with what a comparison says of it.
///
///     OwnCodec(name: "NVTC", rates: "entropy model", curve: curve, points: points, images: ["kodak"], published: json)
public struct OwnCodec {
    /// A point of its curve.
    public struct Point: Sendable {
        /// What tells it from the others, in a few words.
        public var setting: String
        /// The mean over its images.
        public var bitsPerPixel: Double
        /// In dB.
        public var psnr: Double

        public init(setting: String, bitsPerPixel: Double, psnr: Double) {
            (self.setting, self.bitsPerPixel, self.psnr) = (setting, bitsPerPixel, psnr)
        }
    }

    /// What legends and tables call it.
    public var name: String
    /// What its rates are, such as "entropy model".
    public var rates: String
    /// Bits per pixel and PSNR in dB.
    public var curve: RateDistortionCurve
    /// For the table of every point.
    public var points: [Point]
    /// The images that it was measured on, for each of its runs.
    public var images: [String]
    /// Its curve in the form of CompressAI's benchmark.
    public var published: JSONValue

    public init(
        name: String, rates: String, curve: RateDistortionCurve, points: [Point], images: [String], published: JSONValue
    ) {
        (self.name, self.rates, self.curve) = (name, rates, curve)
        (self.points, self.images, self.published) = (points, images, published)
    }
}
