import Datasets

/// What a point of a curve of codebooks is asked to be.
///
///     CodebookTarget.lambda(64).name(.ecvq)                   // "ecvq-64"
///     "\(CodebookTarget.codewords(256))"                      // "256 codewords"
enum CodebookTarget: CustomStringConvertible {
    /// Entropy-constrained, by the weight of the mean squared error against bits.
    case lambda(Double)
    /// Unconstrained, by the size of the codebook.
    case codewords(Int)

    /// Nil if rate is not constrained.
    var lambda: Double? { if case .lambda(let lambda) = self { lambda } else { nil } }
    /// Nil if the size follows from lambda.
    var codewords: Int? { if case .codewords(let codewords) = self { codewords } else { nil } }

    /// The name of its point in a store.
    func name(_ method: ToyMethod) -> String { PointStore.name(method, lambda: lambda, codewords: codewords) }

    var description: String {
        switch self {
        case .lambda(let lambda): "lambda \(compact(lambda))"
        case .codewords(let codewords): "\(codewords) codewords"
        }
    }
}
