import ImageMetrics
import Numerics
import Training

/// A set of vectors that follows the training layer by layer: its residual after all layers so far, and its errors.
///
///     let test = EncodedSet(vectors, peak: 1, threads: 2)
///     // in the encoding step of a layer, for every owned shard:
///     test.encode(shard: shard, layer: layer, worker: worker, compact: nil, usage: usage, into: sums)
///
/// The reconstruction is never stored: it is the vector minus the residual.
final class EncodedSet {
    /// The residuals: at first the vectors themselves.
    let vectors: VectorShards
    /// The largest sample value, for PSNR; nil for vectors that are not images.
    let peak: Double?
    /// Chooses codewords by these dimensions alone (ascending); nil by all. The residual follows in all of them.
    let guides: Range<Int>?
    /// Squared error of every vector, by owned shard.
    private let energies: [AlignedBuffer<Double>]
    private let scratch: [Scratch]
    private let longest: Int
    private let indices: [AlignedBuffer<Int32>]

    /// A worker's copy of a shard's active entries: made when first needed, as the training set brings its own.
    private final class Scratch { var buffer = AlignedBuffer<Float>(count: 0) }

    /// - Parameters:
    ///   - vectors: become residuals, in place.
    ///   - peak: the largest sample value; nil for vectors that are not images.
    ///   - guides: chooses codewords by these dimensions alone; nil by all.
    ///   - threads: the size of the team that will encode.
    init(_ vectors: VectorShards, peak: Double?, guides: Range<Int>? = nil, threads: Int) {
        self.vectors = vectors
        self.peak = peak
        self.guides = guides
        energies = vectors.owned.map { AlignedBuffer(count: vectors.rows($0)) }
        let longest = max(vectors.longestShard, 1)
        self.longest = longest
        scratch = (0..<threads).map { _ in Scratch() }
        indices = (0..<threads).map { _ in AlignedBuffer(count: longest) }
    }

    /// Sums that a shard adds to.
    enum Errors {
        static let squared = 0
        /// PSNR in dB, summed over vectors.
        static let psnr = 1
        static let count = 2
    }

    /// Measures the vectors' energies before any layer, and adds the shard's to `sums`.
    func measure(shard: Int, into sums: UnsafeMutableBufferPointer<Double>) {
        let matrix = vectors[shard]
        let energy = energies[shard - vectors.owned.lowerBound].pointer
        for item in 0..<matrix.rows {
            energy[item] = squaredNorm(matrix.pointer + item * matrix.columns, matrix.columns)
        }
        addErrors(shard: shard, into: sums)
    }

    /// Quantizes the shard's residuals with a layer's codebook and subtracts the codewords.
    ///
    /// - Parameters:
    ///   - compact: the residuals' active entries, one vector a row, if they are at hand already; they are overwritten.
    ///   - usage: K numbers; one is added for every vector that takes the codeword.
    ///   - sums: `Errors.count` numbers that the shard's squared error and PSNR are added to.
    func encode(
        shard: Int, layer: Layer, worker: Int, compact given: UnsafeMutablePointer<Float>?,
        usage: UnsafeMutableBufferPointer<Double>, into sums: UnsafeMutableBufferPointer<Double>
    ) {
        let matrix = vectors[shard]
        let (codebook, active) = (layer.codebook, layer.codebook.active.count)
        let compact = given ?? room(longest * active, worker: worker)
        if given == nil {
            for item in 0..<matrix.rows {
                codebook.gather(matrix.pointer + item * matrix.columns, into: compact + item * active)
            }
        }
        let chosen = indices[worker].pointer
        layer.choose(compact, count: matrix.rows, guides: guides, indices: chosen, worker: worker)
        let energy = energies[shard - vectors.owned.lowerBound].pointer
        for item in 0..<matrix.rows {
            guard chosen[item] >= 0 else { continue }
            let row = compact + item * active
            let codeword = codebook.values.pointer + Int(chosen[item]) * active
            let before = squaredNorm(row, active)
            for index in 0..<active { row[index] -= codeword[index] }
            energy[item] = max(0, energy[item] - before + squaredNorm(row, active))
            codebook.scatter(row, into: matrix.pointer + item * matrix.columns)
            usage[Int(chosen[item])] += 1
        }
        addErrors(shard: shard, into: sums)
    }

    private func room(_ needed: Int, worker: Int) -> UnsafeMutablePointer<Float> {
        if scratch[worker].buffer.count < needed {
            scratch[worker].buffer = AlignedBuffer(count: min(needed + needed / 4, longest * vectors.dimension))
        }
        return scratch[worker].buffer.pointer
    }

    private func addErrors(shard: Int, into sums: UnsafeMutableBufferPointer<Double>) {
        let energy = energies[shard - vectors.owned.lowerBound]
        for item in 0..<energy.count {
            sums[Errors.squared] += energy[item]
            if let peak {
                sums[Errors.psnr] += PSNR.decibels(
                    meanSquaredError: energy[item] / Double(vectors.dimension), peak: peak, limit: .decibels(100))
            }
        }
    }
}
