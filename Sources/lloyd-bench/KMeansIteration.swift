import Foundation
import Numerics
import Quantization
import Stepping

/// One pass of K-means as training runs it, on one rank and one thread: `LloydIterations` in 64 shards, map, ordered sum and
/// update.
final class KMeansIteration {
    private let vectors: MatrixShards
    private let codewords: Int
    private let runner = LocalRunner(shards: 64, threads: 1)

    init(vectors: Matrix, codewords: Int) {
        self.vectors = MatrixShards(vectors, shards: runner.shards)
        self.codewords = codewords
    }

    /// A pass from these codewords, ready to be timed. What a training makes once for all its passes is made here.
    func prepared(from codebook: Matrix) -> LloydIterations {
        LloydIterations(
            vectors: vectors, owned: runner.owned, codebook: codebook.copy(), iterations: 1,
            update: KMeansUpdate(seed: 1), threads: 1)
    }

    /// Runs the pass.
    /// - Returns: the sum of squared distances to the codewords that it began with.
    @discardableResult func run(_ pass: LloydIterations) throws -> Double {
        try runner.run(pass)
        return pass.distortion * Double(vectors.count)
    }
}

/// Normal vectors and, as starting codewords, vectors spread over them.
func normalVectors(count: Int, dimension: Int, decay: Double = 0) -> Matrix {
    let vectors = Matrix(rows: count, columns: dimension)
    let random = CounterRandom(seed: 1, purpose: .syntheticTrain)
    let deviations = (0..<dimension).map { Float(exp(-decay * Double($0 + 1) / 2)) }
    for i in 0..<count {
        let row = vectors.row(i)
        random.normals(item: i, into: row)
        if decay != 0 { for j in 0..<dimension { row[j] *= deviations[j] } }
    }
    return vectors
}

func spreadCodewords(_ vectors: Matrix, codewords: Int) -> Matrix {
    let codebook = Matrix(rows: codewords, columns: vectors.columns)
    for k in 0..<codewords {
        _ = codebook.row(k).update(fromContentsOf: vectors.row(vectors.rows * k / codewords))
    }
    return codebook
}
