import Foundation
import Neural
import Numerics

/// Draws codewords anew that hardly any vector chooses: each becomes a copy of one that many choose, slightly moved.
///
///     let revived = ProgressiveInitialization.revive(model, adam, usage, phase, settings, seed: 1, step: 10_000)
///
/// Frequencies are those of all ranks over the window since the last time. Live codewords are copied in proportion to
/// their frequency; a copy and its original share the original's probability; the optimizer forgets what it knew of the
/// copy.
///
/// Source: NVTC paper, section 4.3, Algorithm 1.
enum ProgressiveInitialization {
    /// - Parameters:
    ///   - usage: over the window.
    ///   - phase: only layers that quantize in it are looked at.
    ///   - step: steps done; new codewords follow from it and the seed.
    /// - Returns: how many codewords were drawn anew.
    static func revive(
        _ model: NVTCModel, _ adam: Adam, _ usage: CodewordUsage, _ phase: NVTCPhase,
        _ settings: NVTCSettings.Initialization, seed: UInt64, step: Int
    ) -> Int {
        let random = CounterRandom(seed: seed, purpose: .revival, step: step)
        let noise = CounterRandom(seed: seed, purpose: .revivalNoise, step: step)
        var revived = 0
        for (number, at) in model.architecture.decodingOrder.enumerated() where phase.quantized[at.stage][at.layer] {
            let quantizer = model.layers[at.stage][at.layer].quantizer
            for position in 0..<quantizer.positions {
                let range = usage.range(layer: number, position: position)
                let counts = Array(usage.counts[range])
                let total = counts.reduce(0, +)
                guard total > 0 else { continue }
                let dead = counts.indices.filter { counts[$0] < settings.leastShare * total }
                let live = counts.indices.filter { counts[$0] >= settings.leastShare * total }
                guard !dead.isEmpty, !live.isEmpty else { continue }
                let sums = live.reduce(into: [Double]()) { $0.append(($0.last ?? 0) + counts[$1]) }
                guard let whole = sums.last else { continue }
                for codeword in dead {
                    let item = range.lowerBound + codeword
                    let drawn = random.uniform(item: item) * whole
                    let source = live[sums.firstIndex { drawn < $0 } ?? live.count - 1]
                    copy(source, to: codeword, position, quantizer, adam, Float(settings.deviation), noise, item)
                }
                revived += dead.count
            }
        }
        return revived
    }

    private static func copy(
        _ source: Int, to codeword: Int, _ position: Int, _ quantizer: ProductQuantization, _ adam: Adam,
        _ deviation: Float, _ noiseOf: CounterRandom, _ item: Int
    ) {
        let dimension = quantizer.dimension
        let first = position * quantizer.codewords
        let values = quantizer.codebook.values
        let target = (first + codeword) * dimension
        var noise = [Float](repeating: 0, count: dimension)
        noise.withUnsafeMutableBufferPointer {
            noiseOf.normals(item: item, into: $0)
        }
        for component in 0..<dimension {
            values[target + component] =
                values[(first + source) * dimension + component] + deviation * noise[component]
        }
        let logits = quantizer.logits.values + first
        logits[source] -= Float(log(2.0))
        logits[codeword] = logits[source]
        let offset = quantizer.codebook.offset + target
        adam.forget(offset..<offset + dimension)
        let logit = quantizer.logits.offset + first + codeword
        adam.forget(logit..<logit + 1)
    }
}
