import Foundation
import Quantization

/// The active sets of layers that are not trained yet, by rate-distortion theory.
///
///     let forecast = LayerForecast(variances: sample.variances, layers: 100, codewords: 256)
///     forecast.actives                                        // [14, 28, ...]
///
/// Theory: a layer leaves D_j = min(sigma_j^2, gamma*) of each dimension (Eq. 1), which are the next layer's variances.
/// Real layers differ: few training vectors a codeword are overfitted and leave less, so that water levels fall faster and
/// active sets grow faster; many leave more. `margin` covers what was measured.
struct LayerForecast {
    /// How much larger than theory's the active sets are taken to be.
    static let margin = 1.4
    /// Largest and smallest ratio of a measured active set to theory's, for people.
    static let measuredRange = "MEASURED"

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
