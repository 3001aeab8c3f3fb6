import Numerics

/// Beam search in residual quantization: the best partial codes of each vector, extended by one layer.
///
///     let layer = BeamExtension(codebook, beam: 8)
///     let workspace = BeamExtension.Workspace()
///     let kept = layer.extend(residuals, vectors: n, beams: 1, energies: energies, into: chosen, workspace: workspace)
///     // chosen[8 * i..<8 * i + kept]: for vector i the parents, codewords and squared errors, best first
///
/// A greedy encoder keeps the nearest codeword of every layer, and cannot go back. A beam keeps the B partial codes with the
/// smallest squared errors; all B * K continuations of a vector compete. The cost is that of B greedy encodings.
///
/// Products of all codewords with a block of residuals come from one matrix product, so what is chosen in near ties depends
/// on the number of vectors in a call: callers give the same blocks for any number of ranks and threads.
///
/// Source: Babenko, Lempitsky, "Additive quantization for extreme vector compression", 2014, section 3.2 (beam search).
public final class BeamExtension: @unchecked Sendable {
    /// A partial code: what it continues, and how well it does.
    public struct Choice: Equatable, Sendable, BitwiseCopyable {
        /// Which of the vector's partial codes so far it continues, from 0.
        public var parent: Int32
        public var codeword: Int32
        /// Squared error over the dimensions of the residuals that were given, plus whatever the energies held besides.
        public var energy: Float
    }

    public let codebook: SparseCodebook
    /// B, the most partial codes that a vector keeps.
    public let beam: Int
    /// The codewords' squared lengths, in whole registers; infinity behind the last.
    private let norms: AlignedBuffer<Float>
    private static let width = 16
    /// Scores in memory at a time.
    private static let scores = 1 << 18

    public init(_ codebook: SparseCodebook, beam: Int) {
        precondition(beam >= 1)
        self.codebook = codebook
        self.beam = beam
        let columns = (codebook.codewords + Self.width - 1) / Self.width * Self.width
        norms = AlignedBuffer(count: columns)
        for codeword in 0..<columns {
            guard codeword < codebook.codewords else {
                norms[codeword] = .infinity
                continue
            }
            norms[codeword] = codebook.values.row(codeword).reduce(Float(0)) { $0 + $1 * $1 }
        }
    }

    /// Partial codes that vectors with `beams` of them have after this layer.
    public func beams(after beams: Int) -> Int {
        let (all, overflow) = beams.multipliedReportingOverflow(by: codebook.codewords)
        return overflow ? beam : min(beam, all)
    }

    /// What one thread needs.
    public final class Workspace {
        fileprivate var scores = AlignedBuffer<Float>(count: 0)
        public init() {}
    }

    /// Chooses the best continuations of each vector.
    ///
    /// - Parameters:
    ///   - residuals: vectors * beams rows of the codebook's active dimensions, a vector's partial codes one after another.
    ///   - energies: the squared error of each row over all dimensions.
    ///   - chosen: room for vectors * `beam` choices; each vector's are ascending in energy, the lower parent and codeword
    ///     first among equals.
    /// - Returns: choices of each vector, `beams(after: beams)`.
    @discardableResult
    public func extend(
        _ residuals: UnsafePointer<Float>, vectors: Int, beams: Int, energies: UnsafePointer<Float>,
        into chosen: UnsafeMutablePointer<Choice>, workspace: Workspace
    ) -> Int {
        let kept = self.beams(after: beams)
        let (codewords, active) = (codebook.codewords, codebook.active.count)
        let columns = norms.count
        let step = max(1, Self.scores / (columns * beams))
        if workspace.scores.count < min(step, vectors) * beams * columns {
            workspace.scores = AlignedBuffer(count: min(step, vectors) * beams * columns)
        }
        let scores = workspace.scores.pointer
        for start in stride(from: 0, to: vectors, by: step) {
            let count = min(step, vectors - start)
            if active > 0 {
                gemm(
                    rows: count * beams, columns: codewords, inner: active, a: residuals + start * beams * active,
                    b: codebook.values.pointer, transposeB: true, c: scores, cStride: columns)
            } else {
                scores.update(repeating: 0, count: count * beams * columns)
            }
            for vector in 0..<count {
                select(
                    scores + vector * beams * columns, energies + (start + vector) * beams, beams: beams, kept: kept,
                    into: chosen + (start + vector) * beam)
            }
        }
        return kept
    }

    /// Of all continuations of one vector the `kept` with the smallest energies, by insertion: few get past the threshold.
    private func select(
        _ scores: UnsafePointer<Float>, _ energies: UnsafePointer<Float>, beams: Int, kept: Int,
        into chosen: UnsafeMutablePointer<Choice>
    ) {
        let columns = norms.count
        var count = 0
        var threshold = Float.infinity
        for parent in 0..<beams {
            let row = UnsafeRawPointer(scores + parent * columns)
            let energy = energies[parent]
            var first = 0
            while first < columns {
                let products = row.loadUnaligned(fromByteOffset: 4 * first, as: SIMD16<Float>.self)
                let lengths = UnsafeRawPointer(norms.pointer + first).load(as: SIMD16<Float>.self)
                let costs = energy + (lengths - 2 * products)
                if any(costs .< threshold) || count < kept {
                    for lane in 0..<min(Self.width, codebook.codewords - first) {
                        let cost = costs[lane]
                        guard cost < threshold || count < kept else { continue }
                        if count < kept { count += 1 }
                        var slot = count - 1
                        while slot > 0, chosen[slot - 1].energy > cost {
                            chosen[slot] = chosen[slot - 1]
                            slot -= 1
                        }
                        chosen[slot] = Choice(parent: Int32(parent), codeword: Int32(first + lane), energy: cost)
                        if count == kept { threshold = chosen[kept - 1].energy }
                    }
                }
                first += Self.width
            }
        }
    }
}
