import Foundation
import Quantization

/// The active sets of layers that are not trained yet, by rate-distortion theory.
///
///     let forecast = LayerForecast(variances: sample.variances, layers: 100, codewords: 256)
///     forecast.actives                                        // [14, 28, ...]
///
/// Theory: a layer leaves D_j = min(sigma_j^2, gamma*) of each dimension (Eq. 1), which are the next layer's variances.
/// Real layers differ, mostly because few training vectors a codeword are overfitted: residuals shrink faster, water levels
/// fall faster, and active sets grow faster. `margin` covers what was measured.
struct LayerForecast {
    /// How much larger than theory's the active sets are taken to be: what bounds the sum over all layers in every run that
    /// was measured.
    static let margin = 1.4

    /// Measured active sets as multiples of theory's, for people. Sums over layers: faces of 168 x 192 (7.5 vectors a
    /// codeword, 100 layers) 1.34; dead leaves of 64 x 64 (6.2, 50 layers) 1.28; Gaussian of 1000 dimensions (7.8, 50
    /// layers) 1.41; Gaussian of 500 dimensions (78, 30 layers) 1.05.
    static let measurements = "In runs that were measured, all layers' active sets together were 1.28 to 1.41 times theory's "
        + "with 6 to 8 training vectors a codeword, where training residuals are overfitted and shrink faster than theory "
        + "says, and 1.05 times with 78; single layers 0.7 to 1.7 times"

    /// Layers that theory is asked about; further ones are extrapolated.
    private static let computed = 300

    /// Estimated number of active dimensions of each layer.
    let actives: [Int]

    init(variances: [Double], layers: Int, codewords: Int, margin: Double = Self.margin) {
        var left = variances
        var actives: [Int] = []
        let rate = log2(Double(codewords))
        for _ in 0..<min(layers, Self.computed) {
            let allocation = ReverseWaterFilling(variances: left, rate: rate)
            guard !allocation.active.isEmpty else { break }
            for dimension in allocation.active { left[dimension] = allocation.waterLevel }
            actives.append(min(variances.count, Int((margin * Double(allocation.active.count)).rounded(.up))))
            // From here on every layer lowers all dimensions alike.
            if allocation.active.count == variances.count { break }
        }
        // Later layers go on as the last ones did.
        let slope = actives.count == Self.computed ? Double(actives[Self.computed - 1] - actives[Self.computed - 101]) / 100 : 0
        while actives.count < layers, let last = actives.last {
            let next = Double(last) + slope
            actives.append(min(variances.count, Int(next.rounded())))
        }
        self.actives = actives
    }
}
