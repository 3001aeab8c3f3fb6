import Messaging
import Numerics
import Training

@testable import Quantization

/// Vectors in memory, cut into shards as a data set would be; every member holds all of them.
final class MemoryVectors: ShardedVectors {
    let all: Matrix
    let shards: Int
    private let parts: [Matrix]

    init(_ all: Matrix, shards: Int) {
        self.all = all
        self.shards = shards
        parts = (0..<shards).map { shard in
            let range = shard * all.rows / shards..<(shard + 1) * all.rows / shards
            let part = Matrix(rows: range.count, columns: all.columns)
            part.pointer.update(from: all.pointer + range.lowerBound * all.columns, count: part.count)
            return part
        }
    }

    var dimension: Int { all.columns }
    var count: Int { all.rows }
    func firstIndex(ofShard shard: Int) -> Int { shard * all.rows / shards }
    func vectorCount(ofShard shard: Int) -> Int { parts[shard].rows }
    func vectors(ofShard shard: Int) -> Matrix { parts[shard] }
}

extension Matrix {
    var values: [Float] { Array(storage.elements.prefix(count)) }

    var rowValues: [[Float]] { (0..<rows).map { Array(row($0)) } }

    /// Independent draws from N(0, 1) around some far-apart centers.
    static func clusters(_ centers: Int, rows: Int, columns: Int, seed: UInt64, spread: Float = 3) -> Matrix {
        let matrix = Matrix(rows: rows, columns: columns)
        let random = CounterRandom(seed: seed, purpose: .test)
        for item in 0..<rows {
            let row = matrix.row(item)
            random.normals(item: item, into: row)
            let center = random.integer(below: centers, item: item, draw: 5000)
            for column in 0..<columns {
                row[column] += spread * Float(random.uniform(item: 1_000_000 + center, draw: column) - 0.5)
            }
        }
        return matrix
    }
}

/// What a training ended with, on one member.
struct Trained: Sendable {
    var codebook: [Float]
    var counts: [Double]
    var history: [Double]
    var iterations: Int
}

/// No test asks a training to stop here.
struct Stopped: Error {}

/// Runs Lloyd's algorithm over in-process members and returns what each of them holds.
func train(
    _ vectors: Matrix, shards: Int = 8, members: Int = 1, threads: Int = 1, seed: UInt64 = 1,
    settings: LloydTraining.Settings, update: (any CodewordUpdate)? = nil
) throws -> [Trained] {
    try InProcessCommunicator.run(size: members) { world in
        let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: shards)
        loop.stopRequested = { false }
        let training = try LloydTraining(
            vectors: MemoryVectors(vectors, shards: shards), settings: settings,
            update: update ?? KMeansUpdate(seed: seed), seed: seed)
        guard let lloyd = try training.run(on: loop) else { throw Stopped() }
        return Trained(
            codebook: lloyd.codebook.values, counts: lloyd.counts, history: lloyd.history, iterations: lloyd.iteration)
    }
}
