import Numerics
import Quantization

/// Vectors to codes and back by the layers of a run.
///
///     let quantizer = VectorQuantizer(try TrainedLayers(runFolder: "runs/sift", count: nil), beam: 8, threads: 2)
///     let workspace = quantizer.makeWorkspace()
///     quantizer.encode(rows, count: 256, codes: codes, worker: 0, workspace)      // rows become what is left over
///     quantizer.decode(codes, count: 256, layers: 8, into: rows, workspace)
///
/// The code of a vector is the list of its codewords' indices, one a layer. With a beam of 1 the nearest codeword of each
/// layer is taken; with B the best B partial codes go on to the next layer, and the best of the last layer wins.
///
/// Source: RRQ paper, section II.
final class VectorQuantizer {
    let trained: TrainedLayers
    let beam: Int
    /// Vectors that are coded at a time. Fixed by the layers and the beam, so that no number of ranks or threads changes what
    /// a vector meets in a matrix product.
    let blockRows: Int
    private let transform: DecorrelatingTransform
    private let searches: [Layer]
    private let extensions: [BeamExtension]

    init(_ trained: TrainedLayers, beam: Int, threads: Int) {
        precondition(beam >= 1 && threads >= 1)
        self.trained = trained
        self.beam = beam
        transform = trained.transform
        blockRows = max(1, min(1024, (1 << 22) / (transform.dimension * beam)))
        searches = beam > 1 ? [] : trained.codebooks.map { Layer(codebook: $0, guides: [], threads: threads) }
        extensions = beam > 1 ? trained.codebooks.map { BeamExtension($0, beam: beam) } : []
    }

    var dimension: Int { transform.dimension }
    var layers: Int { trained.codebooks.count }

    /// What one thread needs, made once.
    final class Workspace {
        fileprivate let scratch: AlignedBuffer<Float>
        /// Active entries of a block's residuals.
        fileprivate let compact: AlignedBuffer<Float>
        fileprivate let indices: AlignedBuffer<Int32>
        fileprivate var beams: Beams?

        /// Two generations of partial codes: a layer reads one and writes the other.
        fileprivate struct Beams {
            var residuals: [AlignedBuffer<Float>]
            var codes: [AlignedBuffer<Int32>]
            var energies: [AlignedBuffer<Float>]
            let choices: AlignedBuffer<BeamExtension.Choice>
            let search = BeamExtension.Workspace()
        }

        fileprivate init(rows: Int, dimension: Int, widest: Int, scratch: Int, beam: Int, layers: Int) {
            self.scratch = AlignedBuffer(count: scratch)
            compact = AlignedBuffer(count: rows * beam * widest)
            indices = AlignedBuffer(count: rows)
            guard beam > 1 else { return }
            func twice<Element>(_ count: Int) -> [AlignedBuffer<Element>] {
                (0..<2).map { _ in AlignedBuffer(count: count) }
            }
            beams = Beams(
                residuals: twice(rows * beam * dimension), codes: twice(rows * beam * layers),
                energies: twice(rows * beam), choices: AlignedBuffer(count: rows * beam))
        }
    }

    func makeWorkspace() -> Workspace {
        Workspace(
            rows: blockRows, dimension: dimension, widest: trained.codebooks.map(\.active.count).max() ?? 0,
            scratch: transform.restoreScratchCount(blockRows), beam: beam, layers: layers)
    }

    // MARK: Encoding

    /// Encodes up to `blockRows` vectors.
    ///
    /// - Parameters:
    ///   - rows: `count` vectors as their file has them; they become what the layers leave over, decorrelated.
    ///   - codes: receives `count` rows of one index a layer.
    func encode(
        _ rows: UnsafeMutablePointer<Float>, count: Int, codes: UnsafeMutablePointer<Int32>, worker: Int,
        _ workspace: Workspace
    ) {
        precondition(count <= blockRows)
        for item in 0..<count {
            let row = rows + item * dimension
            transform.decorrelate(row, into: row, scratch: workspace.scratch.pointer)
        }
        if beam == 1 {
            encodeGreedily(rows, count: count, codes: codes, worker: worker, workspace)
        } else {
            encodeByBeam(rows, count: count, codes: codes, workspace)
        }
    }

    private func encodeGreedily(
        _ rows: UnsafeMutablePointer<Float>, count: Int, codes: UnsafeMutablePointer<Int32>, worker: Int,
        _ workspace: Workspace
    ) {
        let compact = workspace.compact.pointer
        for (number, codebook) in trained.codebooks.enumerated() {
            let active = codebook.active.count
            for item in 0..<count { codebook.gather(rows + item * dimension, into: compact + item * active) }
            searches[number].choose(
                compact, count: count, guides: nil, indices: workspace.indices.pointer, worker: worker)
            for item in 0..<count {
                let index = workspace.indices[item]
                codes[item * layers + number] = index
                subtract(codebook, Int(index), compact + item * active, from: rows + item * dimension)
            }
        }
    }

    /// Takes a codeword from a vector whose active entries stand in `compact`.
    @inline(__always)
    private func subtract(
        _ codebook: SparseCodebook, _ index: Int, _ compact: UnsafeMutablePointer<Float>,
        from vector: UnsafeMutablePointer<Float>
    ) {
        let active = codebook.active.count
        let codeword = codebook.values.pointer + index * active
        for entry in 0..<active { compact[entry] -= codeword[entry] }
        codebook.scatter(compact, into: vector)
    }

    private func encodeByBeam(
        _ rows: UnsafeMutablePointer<Float>, count: Int, codes: UnsafeMutablePointer<Int32>, _ workspace: Workspace
    ) {
        guard let state = workspace.beams else { preconditionFailure("a workspace of another quantizer") }
        let compact = workspace.compact.pointer
        var (from, to, beams) = (0, 1, 1)
        for item in 0..<count {
            (state.residuals[from].pointer + item * beam * dimension).update(
                from: rows + item * dimension, count: dimension)
            state.energies[from][item] = Float(squaredNorm(rows + item * dimension, dimension))
        }
        for (number, codebook) in trained.codebooks.enumerated() {
            let active = codebook.active.count
            let (residuals, next) = (state.residuals[from].pointer, state.residuals[to].pointer)
            let (energies, nextEnergies) = (state.energies[from].pointer, state.energies[to].pointer)
            for item in 0..<count {
                for number in 0..<beams {
                    codebook.gather(
                        residuals + (item * beam + number) * dimension, into: compact + (item * beams + number) * active
                    )
                }
            }
            let kept = extensions[number].extend(
                compact, vectors: count, beams: beams, energies: energies, into: state.choices.pointer,
                workspace: state.search)
            for item in 0..<count {
                for slot in 0..<kept {
                    let choice = state.choices[item * beam + slot]
                    let parent = item * beam + Int(choice.parent)
                    let residual = next + (item * beam + slot) * dimension
                    residual.update(from: residuals + parent * dimension, count: dimension)
                    subtract(codebook, Int(choice.codeword), in: residual)
                    let code = state.codes[to].pointer + (item * beam + slot) * layers
                    code.update(from: state.codes[from].pointer + parent * layers, count: number)
                    code[number] = choice.codeword
                    nextEnergies[item * kept + slot] = max(0, choice.energy)
                }
            }
            (from, to, beams) = (to, from, kept)
        }
        for item in 0..<count {
            (rows + item * dimension).update(
                from: state.residuals[from].pointer + item * beam * dimension, count: dimension)
            (codes + item * layers).update(from: state.codes[from].pointer + item * beam * layers, count: layers)
        }
    }

    /// Takes a codeword from a whole vector.
    @inline(__always)
    private func subtract(_ codebook: SparseCodebook, _ index: Int, in vector: UnsafeMutablePointer<Float>) {
        let active = codebook.active.count
        let codeword = codebook.values.pointer + index * active
        if active == dimension {
            for entry in 0..<active { vector[entry] -= codeword[entry] }
        } else {
            codebook.active.withUnsafeBufferPointer { dimensions in
                for entry in 0..<active { vector[Int(dimensions[entry])] -= codeword[entry] }
            }
        }
    }

    // MARK: Decoding

    /// The vectors that codes of the first layers stand for, as their file had them, up to the rounding of `Float`.
    ///
    /// - Parameters:
    ///   - codes: `count` rows of `layers` indices, each that of a codeword.
    ///   - rows: receives `count` vectors, at most `blockRows`.
    func decode(
        _ codes: UnsafePointer<Int32>, count: Int, layers: Int, into rows: UnsafeMutablePointer<Float>,
        _ workspace: Workspace
    ) {
        precondition(count <= blockRows && layers <= self.layers)
        rows.update(repeating: 0, count: count * dimension)
        for item in 0..<count {
            let row = rows + item * dimension
            for layer in 0..<layers { add(trained.codebooks[layer], Int(codes[item * layers + layer]), to: row) }
            // One by one, as in encoding: the result does not depend on the vectors beside it.
            transform.restorePixels(row, count: 1, scratch: workspace.scratch.pointer)
        }
    }

    @inline(__always)
    private func add(_ codebook: SparseCodebook, _ index: Int, to vector: UnsafeMutablePointer<Float>) {
        let active = codebook.active.count
        let codeword = codebook.values.pointer + index * active
        codebook.active.withUnsafeBufferPointer { dimensions in
            for entry in 0..<active { vector[Int(dimensions[entry])] += codeword[entry] }
        }
    }
}
