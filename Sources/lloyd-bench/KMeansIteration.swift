import Foundation
import Numerics
import Quantization

/// One K-means iteration on one thread, as a training step does it: shards of the vectors are assigned and added up,
/// then codewords become means.
final class KMeansIteration {
    let vectors: Matrix
    let codewords: Int
    let search: NearestCodeword
    let workspace: NearestCodeword.Workspace
    let indices: AlignedBuffer<Int32>
    let distances: AlignedBuffer<Float>
    let counts: AlignedBuffer<Float>
    let centroids: Matrix
    static let shards = 64

    init(vectors: Matrix, codewords: Int) {
        self.vectors = vectors
        self.codewords = codewords
        search = NearestCodeword(codewords: codewords, dimension: vectors.columns)
        workspace = search.makeWorkspace()
        indices = AlignedBuffer(count: vectors.rows)
        distances = AlignedBuffer(count: vectors.rows)
        counts = AlignedBuffer(count: codewords)
        centroids = Matrix(rows: codewords, columns: vectors.columns)
    }

    /// Leaves the new codewords in `centroids` and returns the sum of squared distances to the old ones.
    func run(from codebook: Matrix) -> Double {
        let dimension = vectors.columns
        search.prepare(codebook.pointer, stride: dimension)
        counts.zero()
        centroids.storage.zero()
        var total = 0.0
        let piece = search.vectorsPerChunk
        for shard in 0..<Self.shards {
            let end = vectors.rows * (shard + 1) / Self.shards
            var first = vectors.rows * shard / Self.shards
            while first < end {
                let count = min(piece, end - first)
                let rows = vectors.pointer + first * dimension
                search.assign(
                    rows, count: count, stride: dimension, indices: indices.pointer + first,
                    squaredDistances: distances.pointer + first, workspace: workspace)
                accumulateStatistics(
                    rows, count: count, stride: dimension, dimension: dimension, indices: indices.pointer + first,
                    counts: counts.pointer, sums: centroids.pointer)
                for i in first..<first + count { total += Double(distances.pointer[i]) }
                first += count
            }
        }
        for k in 0..<codewords {
            let row = centroids.pointer + k * dimension
            guard counts[k] > 0 else {
                row.update(from: codebook.pointer + k * dimension, count: dimension)
                continue
            }
            let scale = 1 / counts[k]
            for j in 0..<dimension { row[j] *= scale }
        }
        return total
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
