import Numerics

/// Exact search for the nearest codeword, with everything that depends on the codebook alone prepared once per pass.
///
///     let search = NearestCodeword(codewords: 256, dimension: 64)
///     search.prepare(codebook, stride: 64)                  // once per pass, on one thread
///     let workspace = search.makeWorkspace()                // one per thread, reused
///     search.assign(vectors, count: n, stride: 64, indices: indices, squaredDistances: nil, workspace: workspace)
///
/// One fused kernel serves every shape: a register tile of scores (see ScoreTile) over packed codewords and vectors,
/// blocked so that the tile's operands stay in the first two cache levels; scores never reach memory, except as partial
/// sums when the dimension is large. The floor is 2 * count * dimension * codewords operations at the core's peak.
///
/// **What a result depends on.** A vector's index and distance are a function of that vector and the codebook alone,
/// bit for bit: not of the other vectors in the call, their number, the stride, the thread or the call order; and they
/// are the same on AVX2 and AVX-512 (a portable build, which has no fused multiply-add, may differ in near ties).
/// Codewords whose distances agree within the rounding of x.c - ||c||^2 / 2 in `Float` are tied: either may be chosen.
public final class NearestCodeword: @unchecked Sendable {
    /// K, the size of the codebook.
    public let codewords: Int
    /// The length of a codeword.
    public let dimension: Int

    /// Codewords in groups of a tile, `[group][dimension][codeword]`, minus `origin`; zeros beyond the last one.
    let packed: AlignedBuffer<Float>
    /// -||c||^2 / 2 of the packed codewords, and minus infinity beyond the last one, which therefore never wins.
    let biases: AlignedBuffer<Float>
    /// What is subtracted from vectors and codewords alike before they are multiplied.
    let origin: AlignedBuffer<Float>
    /// The codewords as given, contiguous, for the reported distances.
    let rows: AlignedBuffer<Float>
    private let moments: AlignedBuffer<Double>
    let groups: Int
    let blocking: SearchBlocking

    /// Allocates everything that does not depend on a thread; `prepare` comes before `assign`.
    /// - Parameters:
    ///   - codewords: size of the codebook, at least 1 and at most `Int32.max`.
    ///   - dimension: length of a codeword, at least 1.
    public init(codewords: Int, dimension: Int) {
        precondition(codewords >= 1 && codewords <= Int(Int32.max) - 64, "a codebook has at least one codeword")
        precondition(dimension >= 1, "a codeword has at least one dimension")
        self.codewords = codewords
        self.dimension = dimension
        groups = (codewords + ScoreTile.codewords - 1) / ScoreTile.codewords
        packed = AlignedBuffer(count: groups * ScoreTile.codewords * dimension)
        biases = AlignedBuffer(count: groups * ScoreTile.codewords)
        origin = AlignedBuffer(count: dimension)
        rows = AlignedBuffer(count: codewords * dimension)
        moments = AlignedBuffer(count: 2 * dimension)
        blocking = SearchBlocking(dimension: dimension, groups: groups)
    }

    /// Takes the codebook of this pass: `codewords` rows of `dimension` floats, `stride` floats apart.
    ///
    /// No `assign` may run at the same time; afterwards any number of threads may, each with its own workspace.
    ///
    /// - Parameters:
    ///   - penalties: added to every squared distance before codewords are compared (entropy-constrained VQ); nil for
    ///     none. Reported distances are without them.
    ///   - live: only so many of the codewords are given and can win; nil for all.
    public func prepare(
        _ codebook: UnsafePointer<Float>, stride: Int, penalties: UnsafePointer<Float>? = nil, live: Int? = nil
    ) {
        let live = live ?? codewords
        precondition(live >= 1 && live <= codewords)
        precondition(stride >= dimension, "rows of \(dimension) floats cannot be \(stride) floats apart")
        chooseOrigin(codebook, count: live, stride: stride, origin: origin.pointer)
        let width = ScoreTile.codewords
        for k in 0..<groups * width {
            let output = packed.pointer + (k / width) * width * dimension + k % width
            guard k < live else {
                for j in 0..<dimension { output[j * width] = 0 }
                biases[k] = -.infinity
                continue
            }
            let row = codebook + k * stride
            var norm = 0.0
            for j in 0..<dimension {
                let value = row[j] - origin.pointer[j]
                output[j * width] = value
                norm += Double(value) * Double(value)
                rows.pointer[k * dimension + j] = row[j]
            }
            biases[k] = Float(-(norm + Double(penalties?[k] ?? 0)) / 2)
        }
    }

    /// Moves the origin to a codebook that lies far from it: products of large numbers would lose the differences.
    ///
    /// If a dimension's mean exceeds four standard deviations, the origin is the mean, rounded to a multiple of a
    /// power of two below the deviation, so that differences of integers stay exact; otherwise it is zero.
    private func chooseOrigin(
        _ codebook: UnsafePointer<Float>, count: Int, stride: Int, origin: UnsafeMutablePointer<Float>
    ) {
        let (means, squares) = (moments.pointer, moments.pointer + dimension)
        moments.zero()
        for k in 0..<count {
            let row = codebook + k * stride
            for j in 0..<dimension {
                let value = Double(row[j])
                means[j] += value
                squares[j] += value * value
            }
        }
        for j in 0..<dimension {
            let mean = means[j] / Double(count)
            let variance = max(0, squares[j] / Double(count) - mean * mean)
            origin[j] = 0
            guard mean * mean > 16 * variance, mean.magnitude < 1e30 else { continue }
            let unit = max(variance.squareRoot(), mean.magnitude * 0x1p-24).binade
            origin[j] = Float((mean / unit).rounded() * unit)
        }
    }

    /// How many vectors fit the caches together: a caller that works on them after `assign` is faster with calls of this many.
    public var vectorsPerChunk: Int { blocking.panels * ScoreTile.vectors }

    /// The memory that one thread needs during `assign`.
    public final class Workspace: @unchecked Sendable {
        let panels: AlignedBuffer<Float>
        let partial: AlignedBuffer<Float>
        let scores: AlignedBuffer<Float>
        let indices: AlignedBuffer<Int32>

        init(_ blocking: SearchBlocking, dimension: Int) {
            let width = ScoreTile.vectors
            panels = AlignedBuffer(count: blocking.panels * width * dimension)
            partial = AlignedBuffer(
                count: blocking.depth < dimension
                    ? blocking.panels * blocking.groups * ScoreTile.codewords * width : 0)
            scores = AlignedBuffer(count: blocking.panels * width)
            indices = AlignedBuffer(count: blocking.panels * width)
        }
    }

    /// A workspace for searches with this object, to be kept and reused by one thread.
    public func makeWorkspace() -> Workspace { Workspace(blocking, dimension: dimension) }

    /// The nearest codeword of each of `count` vectors.
    ///
    /// - Parameters:
    ///   - vectors: `count` rows of `dimension` floats, `stride` floats apart.
    ///   - indices: receives the index of each vector's nearest codeword; the lowest index wins ties. A vector with a
    ///     NaN gets a codeword within range.
    ///   - squaredDistances: receives each vector's squared distance to that codeword, computed from the differences
    ///     (never negative; NaN for a vector with a NaN), unless nil.
    ///   - workspace: from `makeWorkspace`, used by no other thread meanwhile. Nothing is allocated.
    public func assign(
        _ vectors: UnsafePointer<Float>, count: Int, stride: Int, indices: UnsafeMutablePointer<Int32>,
        squaredDistances: UnsafeMutablePointer<Float>?, workspace: Workspace
    ) {
        precondition(stride >= dimension, "rows of \(dimension) floats cannot be \(stride) floats apart")
        let width = ScoreTile.vectors
        let chunk = blocking.panels * width
        var start = 0
        while start < count {
            let here = min(chunk, count - start)
            let panels = (here + width - 1) / width
            let rows = vectors + start * stride
            for panel in 0..<panels {
                packPanel(
                    rows + panel * width * stride, count: here - panel * width, stride: stride, dimension: dimension,
                    origin: origin.pointer, panel: workspace.panels.pointer + panel * width * dimension)
            }
            searchPanels(panels, workspace)
            (indices + start).update(from: workspace.indices.pointer, count: here)
            if let distances = squaredDistances {
                for i in 0..<here {
                    let codeword = self.rows.pointer + Int(indices[start + i]) * dimension
                    distances[start + i] = squaredDistance(rows + i * stride, codeword, dimension: dimension)
                }
            }
            start += here
        }
    }
}
