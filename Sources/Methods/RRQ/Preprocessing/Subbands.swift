import Datasets

/// The order in which coefficients are kept, and the sub-bands they are cut into.
///
///     let subbands = Subbands(shape: shape, bandSize: 512, lowFrequencyFactor: 8)
///     subbands.order[0]                                       // the index of the first coefficient in the image
///     subbands.bands                                          // ranges of the order; each gets a PCA of its own
///
/// Coefficients are ordered along anti-diagonals, by u / width + v / height, so that neighbors have like frequencies. With
/// a low-frequency factor f, the coefficients u < width / f, v < height / f that survive down-sampling by f come first, in
/// bands of their own: a band then never mixes what a small image knows with what it has lost.
struct Subbands: Sendable {
    /// The index of each ordered coefficient among the image's (channel-planar) coefficients.
    let order: [Int32]
    /// Contiguous ranges of the order that cover it.
    let bands: [Range<Int>]
    /// How many ordered coefficients belong to the low frequencies; 0 without a factor.
    let lowFrequencies: Int

    /// - Parameters:
    ///   - bandSize: coefficients in a band; the last band of each part may hold fewer.
    ///   - lowFrequencyFactor: nil keeps all coefficients in one sequence.
    init(shape: ImageShape, bandSize: Int, lowFrequencyFactor: Int?) {
        precondition(bandSize >= 1)
        struct Coefficient {
            var index: Int32
            var isHigh: Bool
            var diagonal: Int
            var row: Int
            var channel: Int
        }
        var coefficients: [Coefficient] = []
        coefficients.reserveCapacity(shape.count)
        let limit = lowFrequencyFactor.map { (shape.width / $0, shape.height / $0) }
        for channel in 0..<shape.channels {
            for v in 0..<shape.height {
                for u in 0..<shape.width {
                    coefficients.append(
                        Coefficient(
                            index: Int32((channel * shape.height + v) * shape.width + u),
                            isHigh: limit.map { u >= $0.0 || v >= $0.1 } ?? true,
                            diagonal: u * shape.height + v * shape.width, row: v, channel: channel))
                }
            }
        }
        coefficients.sort {
            ($0.isHigh ? 1 : 0, $0.diagonal, $0.row, $0.channel) < ($1.isHigh ? 1 : 0, $1.diagonal, $1.row, $1.channel)
        }
        order = coefficients.map(\.index)
        lowFrequencies = coefficients.firstIndex { $0.isHigh } ?? coefficients.count
        bands = Self.cut(0..<lowFrequencies, bandSize) + Self.cut(lowFrequencies..<coefficients.count, bandSize)
    }

    /// Vectors that are not images: their own order, cut into bands.
    init(dimension: Int, bandSize: Int) {
        precondition(bandSize >= 1)
        order = (0..<Int32(dimension)).map { $0 }
        bands = Self.cut(0..<dimension, bandSize)
        lowFrequencies = 0
    }

    private static func cut(_ range: Range<Int>, _ size: Int) -> [Range<Int>] {
        stride(from: range.lowerBound, to: range.upperBound, by: size).map {
            $0..<min($0 + size, range.upperBound)
        }
    }
}
