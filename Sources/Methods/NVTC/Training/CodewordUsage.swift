import Foundation
import Neural
import Numerics

/// How often each codeword of each layer was chosen, over all ranks.
///
///     let usage = CodewordUsage(architecture)
///     usage.range(layer: 0, position: 3)                      // that codebook's counts
///     usage.perplexity(layer: 0)                              // 2^entropy, mean over positions
///
/// Layers count in the order of decoding.
final class CodewordUsage {
    /// One count for each codeword of each position of each layer.
    var counts: [Double]
    private let offsets: [Int]
    private let codewords: [Int]
    private let positions: [Int]

    init(_ architecture: NVTCArchitecture) {
        var (offsets, codewords, positions) = ([Int](), [Int](), [Int]())
        var offset = 0
        for (stage, _) in architecture.decodingOrder {
            let sizes = architecture.stages[stage]
            offsets.append(offset)
            codewords.append(sizes.codewords)
            positions.append(sizes.block * sizes.block)
            offset += sizes.codewords * sizes.block * sizes.block
        }
        self.offsets = offsets
        self.codewords = codewords
        self.positions = positions
        counts = Array(repeating: 0, count: offset)
    }

    var layers: Int { offsets.count }
    func offset(layer: Int) -> Int { offsets[layer] }
    func positions(layer: Int) -> Int { positions[layer] }

    func range(layer: Int, position: Int) -> Range<Int> {
        let start = offsets[layer] + position * codewords[layer]
        return start..<start + codewords[layer]
    }

    func reset() { for index in counts.indices { counts[index] = 0 } }

    /// Codewords that were chosen at least once, of all positions.
    func alive(layer: Int) -> Int {
        let end = offsets[layer] + positions[layer] * codewords[layer]
        return counts[offsets[layer]..<end].count { $0 > 0 }
    }

    func total(layer: Int) -> Int { positions[layer] * codewords[layer] }

    /// 2^entropy of the codewords that were chosen, mean over positions; 0 if some position's never were.
    func perplexity(layer: Int) -> Double {
        var sum = 0.0
        for position in 0..<positions[layer] {
            let own = counts[range(layer: layer, position: position)]
            guard own.contains(where: { $0 > 0 }) else { return 0 }
            sum += exp2(entropy(ofCounts: own))
        }
        return sum / Double(positions[layer])
    }
}
