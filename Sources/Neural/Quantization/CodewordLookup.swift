import Numerics

extension ProductQuantization {
    /// The codewords that indices stand for: what a decoder does instead of a search.
    ///
    ///     let lookup = quantizer.lookup(rows: 4096, on: tape)
    ///     lookup.indices[0] = 17                              // filled by the caller before `forward`
    ///     let codewords = lookup.result                       // rows x dimension
    ///
    /// Only for tapes that only run forward: nothing learns from it.
    /// - Parameter rows: a multiple of `positions`.
    public func lookup(rows: Int, on tape: Tape) -> CodewordLookup {
        let operation = CodewordLookup(self, rows: rows, on: tape)
        tape.record(operation)
        return operation
    }
}

/// One use of `ProductQuantization.lookup` on a tape.
public final class CodewordLookup: Operation {
    /// The codeword of each row, in 0..<codewords.
    public let indices: AlignedBuffer<Int32>
    /// Rows x dimension: each row's codeword.
    public let result: Value
    private let quantizer: ProductQuantization

    init(_ quantizer: ProductQuantization, rows: Int, on tape: Tape) {
        precondition(!tape.isTraining && rows % quantizer.positions == 0)
        self.quantizer = quantizer
        indices = AlignedBuffer(count: rows)
        result = tape.output(rows: rows, columns: quantizer.dimension, of: [], parameters: [quantizer.codebook])
    }

    public var inputs: [Value] { [] }
    public var output: Value? { result }
    public var parameters: [Parameter] { [quantizer.codebook] }

    public func forward() {
        let (count, dimension, positions) = (quantizer.codewords, quantizer.dimension, quantizer.positions)
        for row in 0..<result.rows {
            let index = Int(indices.pointer[row])
            precondition(index >= 0 && index < count)
            let codeword = quantizer.codebook.values + (row % positions &* count &+ index) &* dimension
            (result.data + row &* dimension).update(from: codeword, count: dimension)
        }
    }

    public func backward(_ pass: borrowing BackwardPass) {
        preconditionFailure("a tape that only runs forward has no backward")
    }
}
