import Numerics

/// Exact search for the codeword with the least squared distance plus penalty: the choice of entropy-constrained VQ.
///
///     let search = PenalizedSearch(dimension: 2, threads: 2)
///     search.prepare(codewords, penalties: penalties, count: k)   // once per pass, on one thread
///     search.assign(vectors, count: n, indices: indices, squaredDistances: distances, worker: 0)
///
/// In the plane a tree of cells leaves a handful of candidates for a vector, however many codewords there are. In other
/// dimensions the penalty goes into the bias of the fused kernel of `NearestCodeword`. Either way a vector's result is a
/// function of the vector and the codebook alone; costs that agree within rounding are tied.
public final class PenalizedSearch: @unchecked Sendable {
    /// The length of a vector.
    public let dimension: Int
    private let threads: Int
    private let plane: PlaneSearch?
    /// The search of other dimensions than two; nil before the first `prepare`.
    private var dense: Dense?

    private struct Dense {
        let search: NearestCodeword
        /// One for each thread.
        let workspaces: [NearestCodeword.Workspace]
    }

    /// A search without codewords: `prepare` comes before `assign`.
    /// - Parameter threads: how many threads may call `assign` at once.
    public init(dimension: Int, threads: Int) {
        precondition(dimension >= 1 && threads >= 1)
        self.dimension = dimension
        self.threads = threads
        plane = dimension == 2 ? PlaneSearch() : nil
    }

    /// Takes the codebook of this pass: `count` rows of `dimension` floats, and what each adds to the squared distance.
    ///
    /// Memory is kept from pass to pass, unless a codebook is larger than any before or has lost a quarter.
    public func prepare(_ codewords: UnsafePointer<Float>, penalties: [Float], count: Int) {
        precondition(count >= 1 && penalties.count >= count)
        if let plane { return plane.prepare(codewords, penalties: penalties, count: count) }
        dense(for: count).search.prepare(codewords, stride: dimension, penalties: penalties, live: count)
    }

    /// The search that there is, or a new one if that is too small or far too large.
    private func dense(for count: Int) -> Dense {
        if let dense, (count...count + count / 3).contains(dense.search.codewords) { return dense }
        let search = NearestCodeword(codewords: count, dimension: dimension)
        let new = Dense(search: search, workspaces: (0..<threads).map { _ in search.makeWorkspace() })
        dense = new
        return new
    }

    /// The codeword of each of `count` vectors, which lie one after another.
    /// - Precondition: `prepare` was called.
    /// - Parameters:
    ///   - indices: receives the index of each vector's codeword.
    ///   - squaredDistances: receives each vector's squared distance to its codeword, without the penalty, unless nil.
    ///   - worker: which of the threads calls, in 0..<threads.
    public func assign(
        _ vectors: UnsafePointer<Float>, count: Int, indices: UnsafeMutablePointer<Int32>,
        squaredDistances: UnsafeMutablePointer<Float>?, worker: Int = 0
    ) {
        if let plane {
            plane.assign(vectors, count: count, indices: indices, squaredDistances: squaredDistances)
        } else if let dense {
            dense.search.assign(
                vectors, count: count, stride: dimension, indices: indices, squaredDistances: squaredDistances,
                workspace: dense.workspaces[worker])
        } else {
            preconditionFailure("prepare comes before assign")
        }
    }
}
