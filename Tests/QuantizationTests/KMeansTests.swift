import Messaging
import Numerics
import Testing
import Training

@testable import Quantization

@Suite(.timeLimit(.minutes(10))) struct KMeansTests {
    /// Vectors that lie on four points: the codebook is those points, and nothing is left over.
    @Test func aCallFindsWhatThereIs() throws {
        let points: [[Float]] = [[0, 0], [0, 9], [9, 0], [9, 9]]
        let vectors = Matrix(rows: 100, columns: 2, (0..<100).flatMap { points[$0 % 4] })
        let fitted = try KMeans(codewords: 4).fit(vectors)
        #expect(Set(fitted.codebook.rowValues) == Set(points))
        #expect(fitted.distortion == 0 && fitted.counts == [25, 25, 25, 25])
        for (item, codeword) in fitted.codewords(of: vectors).enumerated() {
            #expect(Array(fitted.codebook.row(Int(codeword))) == points[item % 4])
        }
    }

    /// A pass's statistics are sums and counts: one pass leaves every codeword at the mean of its vectors.
    @Test(arguments: [1, 5, 16, 33, 100]) func aPassMovesCodewordsToMeans(dimension: Int) throws {
        let vectors = Matrix.clusters(9, rows: 200, columns: dimension, seed: 11)
        let start = Matrix(rows: 9, columns: dimension)
        start.pointer.update(from: vectors.pointer, count: start.count)
        let before = KMeans.Fitted(codebook: start, counts: [], distortion: 0, history: [])
        let taken = before.codewords(of: vectors).map(Int.init)
        let fitted = try KMeans(codewords: 9, iterations: 1, initialization: .given(start)).fit(vectors)
        for codeword in 0..<9 {
            let own = taken.indices.filter { taken[$0] == codeword }
            #expect(fitted.counts[codeword] == Double(own.count))
            for column in 0..<dimension where !own.isEmpty {
                let mean = own.reduce(0.0) { $0 + Double(vectors[$1, column]) } / Double(own.count)
                #expect(abs(Double(fitted.codebook[codeword, column]) - mean) < 1e-5)
            }
        }
    }

    /// Alone and in a job of three ranks, on any number of threads.
    @Test func theBytesAreThoseOfATrainingOnManyRanks() throws {
        let vectors = Matrix.clusters(12, rows: 1003, columns: 5, seed: 3)
        let one = try KMeans(codewords: 20, iterations: 7, seed: 4, shards: 13, threads: 2).fit(vectors)
        let others = try InProcessCommunicator.run(size: 3) { world in
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 13)
            loop.stopRequested = { false }
            let training = try LloydTraining(
                vectors: MatrixShards(vectors, shards: 13),
                settings: .init(codewords: 20, iterations: 7, initialization: .plusPlus),
                update: KMeansUpdate(seed: 4), seed: 4)
            return try training.run(on: loop)?.codebook.values
        }
        #expect(others.count == 3)
        for other in others { #expect(other?.map(\.bitPattern) == one.codebook.values.map(\.bitPattern)) }
    }

    @Test func settingsThatCannotWork() throws {
        let vectors = Matrix.clusters(2, rows: 10, columns: 2, seed: 1)
        for (kmeans, key) in [
            (KMeans(codewords: 11), "codewords"), (KMeans(codewords: 0), "codewords"),
            (KMeans(codewords: 2, iterations: 0), "iterations"), (KMeans(codewords: 2, shards: 0), "shards"),
            (KMeans(codewords: 2, threads: 0), "threads"),
        ] {
            let error = #expect(throws: LloydError.self) { try kmeans.fit(vectors) }
            #expect("\(error!)".contains(key))
        }
    }
}
