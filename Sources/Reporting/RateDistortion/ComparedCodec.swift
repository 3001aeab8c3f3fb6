import Codec
import ImageMetrics

/// A codec in a comparison, wherever its figures come from.
///
///     let webp = ComparedCodec(record, name: "WebP")          // an evaluation
///     webp.psnr.rates                                         // bits per pixel, lowest first
///     webp.msSSIM?.qualities                                  // −10 log10(1 − MS-SSIM), in dB
package struct ComparedCodec {
    /// Whose figures they are.
    package enum Kind {
        /// Trained here: what the report is about.
        case own
        /// Somebody else's, measured on the same images.
        case peer
        case published
    }

    /// What legends and tables call it.
    package var name: String
    /// Whose figures they are.
    package var kind: Kind
    /// What the rates are.
    package var rates: String
    /// Bits per pixel and PSNR in dB.
    package var psnr: RateDistortionCurve
    /// Bits per pixel and −10 log10(1 − MS-SSIM) in dB; nil if it was not measured.
    package var msSSIM: RateDistortionCurve?

    package init(name: String, kind: Kind, rates: String, psnr: RateDistortionCurve, msSSIM: RateDistortionCurve? = nil)
    {
        (self.name, self.kind, self.rates) = (name, kind, rates)
        self.psnr = RateDistortionCurve(name: name, rates: psnr.rates, qualities: psnr.qualities)
        self.msSSIM = msSSIM.map { RateDistortionCurve(name: name, rates: $0.rates, qualities: $0.qualities) }
    }

    /// - Parameter name: what the report calls it.
    package init(_ record: EvaluationRecord, name: String) {
        let means = record.points.map(\.mean).sorted { ($0.bitsPerPixel, $0.psnr) < ($1.bitsPerPixel, $1.psnr) }
        let similar = means.compactMap { mean in mean.msSSIM.map { (mean.bitsPerPixel, $0) } }
        self.init(
            name: name, kind: record.isPeer == true ? .peer : .own, rates: "files",
            psnr: RateDistortionCurve(name: name, rates: means.map(\.bitsPerPixel), qualities: means.map(\.psnr)),
            msSSIM: similar.isEmpty ? nil : Self.decibels(similar.map(\.0), similar.map(\.1)))
    }

    /// - Parameter name: what the report calls it.
    package init(_ curve: PublishedCodec, name: String) {
        self.init(
            name: name, kind: .published, rates: "published", psnr: curve.rateDistortion,
            msSSIM: curve.msSSIM.flatMap { values in
                let points = zip(curve.rateDistortion.rates, values).filter { !$0.1.isNaN }
                return points.isEmpty ? nil : Self.decibels(points.map(\.0), points.map(\.1))
            })
    }

    private static func decibels(_ rates: [Double], _ values: [Double]) -> RateDistortionCurve {
        RateDistortionCurve(name: "", rates: rates, qualities: values.map(MultiScaleSimilarity.decibels))
    }
}
