import Foundation
import Messaging
import Numerics
import TestSupport
import Testing
import Training

@testable import Quantization

@Suite(.timeLimit(.minutes(10))) struct LloydIterationsTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func distortionNeverRises(seed: UInt64) throws {
        let vectors = Matrix.clusters(9, rows: 700, columns: 6, seed: seed)
        let initializations = [
            LloydTraining.Initialization.samples, .plusPlus, .gaussian(variances: [9, 9, 9, 9, 9, 9]),
        ]
        for initialization in initializations {
            let trained = try train(
                vectors, seed: seed,
                settings: .init(codewords: 24, iterations: 40, initialization: initialization))[0]
            #expect(trained.history.count == trained.iterations && trained.iterations > 1)
            for (before, after) in zip(trained.history, trained.history.dropFirst()) {
                #expect(after <= before * (1 + 1e-6))
            }
            #expect(trained.counts.reduce(0, +) == 700)
        }
    }

    @Test func itStopsWhenNothingChanges() throws {
        let vectors = Matrix.clusters(3, rows: 200, columns: 3, seed: 8, spread: 60)
        let trained = try train(vectors, settings: .init(codewords: 3, iterations: 1000, initialization: .plusPlus))[0]
        #expect(trained.iterations < 30)
        let again = try train(
            vectors,
            settings: .init(
                codewords: 3, iterations: 1000,
                initialization: .given(Matrix(rows: 3, columns: 3, trained.codebook))))[0]
        #expect(again.iterations == 2 && again.codebook == trained.codebook, "another pass changes nothing")
    }

    @Test func theToleranceEndsItEarlier() throws {
        let vectors = Matrix.clusters(20, rows: 2000, columns: 4, seed: 8)
        let whole = try train(vectors, settings: .init(codewords: 30, iterations: 200))[0]
        let short = try train(vectors, settings: .init(codewords: 30, iterations: 200, tolerance: 0.01))[0]
        #expect(short.iterations < whole.iterations)
        let steps = zip(short.history, short.history.dropFirst()).map { ($0 - $1) / $0 }
        #expect(steps.last! < 0.01 && steps.dropLast().allSatisfy { $0 >= 0.01 })
    }

    @Test func emptyClustersAreMended() throws {
        let vectors = Matrix.clusters(6, rows: 600, columns: 4, seed: 4)
        let start = Matrix(rows: 16, columns: 4)
        for codeword in 0..<16 {
            // Ten of the sixteen are nearest to no vector.
            for column in 0..<4 {
                start[codeword, column] = codeword < 6 ? vectors[codeword * 90, column] : 1e4 * Float(codeword)
            }
        }
        let one = try train(vectors, settings: .init(codewords: 16, iterations: 1, initialization: .given(start)))[0]
        #expect(one.counts.filter { $0 == 0 }.count >= 10)
        let trained = try train(
            vectors, settings: .init(codewords: 16, iterations: 15, initialization: .given(start)))[0]
        #expect(trained.counts.allSatisfy { $0 > 0 })
        #expect(zip(trained.history, trained.history.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-6) })
        let honest = try train(vectors, settings: .init(codewords: 16, iterations: 15, initialization: .plusPlus))[0]
        #expect(trained.history.last! < 1.15 * honest.history.last!, "codewords that moved come to good use")
    }

    /// Also the pass in which no assignment changes is the same, although the state holds no assignments.
    @Test func aStateGoesOnWithTheSameBytesAndEndsInTheSamePass() throws {
        let vectors = Matrix.clusters(6, rows: 400, columns: 3, seed: 8, spread: 40)
        func lloyd() -> LloydIterations {
            let start = Matrix(rows: 7, columns: 3)
            start.pointer.update(from: vectors.pointer, count: start.count)
            return LloydIterations(
                vectors: MemoryVectors(vectors, shards: 8), owned: 0..<8, codebook: start, iterations: 60,
                update: KMeansUpdate(seed: 1), threads: 1)
        }
        func run(_ lloyd: LloydIterations, passes: Int? = nil) throws {
            let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 8)
            loop.stopRequested = { lloyd.iteration + 1 == passes }
            _ = try loop.run(lloyd)
        }
        let whole = lloyd()
        try run(whole)
        #expect(whole.iteration > 4 && whole.iteration < 60, "it converges")
        for stop in 1..<whole.iteration {
            let first = lloyd()
            #expect(first.state() == nil, "nothing to keep before the first pass")
            try run(first, passes: stop)
            let second = lloyd()
            try second.restore(try #require(first.state()))
            try run(second)
            #expect(second.codebook.values == whole.codebook.values && second.counts == whole.counts)
            #expect(second.history == whole.history, "stopped after \(stop) of \(whole.iteration) passes")
        }
    }

    /// The first codewords, before any pass over the data.
    private func initialCodewords(
        _ vectors: Matrix, _ codewords: Int, _ initialization: LloydTraining.Initialization, seed: UInt64,
        shards: Int = 8
    ) throws -> [[Float]] {
        let training = try LloydTraining(
            vectors: MemoryVectors(vectors, shards: shards),
            settings: .init(codewords: codewords, iterations: 1, initialization: initialization),
            update: KMeansUpdate(seed: seed), seed: seed)
        let codebook = Matrix(rows: codewords, columns: vectors.columns)
        if let seeding = training.seeding(of: codebook, owned: 0..<shards) {
            try LocalRunner(shards: shards).run(seeding)
        }
        return codebook.rowValues
    }

    @Test func plusPlusPicksDistinctPoints() throws {
        // Forty points, each held by many vectors: drawing by distance finds each of them once.
        let vectors = Matrix(rows: 600, columns: 3)
        for item in 0..<600 { for column in 0..<3 { vectors[item, column] = Float((item % 40) * (column + 1)) } }
        for seed in 0..<10 as Range<UInt64> {
            let picked = try initialCodewords(vectors, 40, .plusPlus, seed: seed)
            #expect(Set(picked).count == 40)
            #expect(Set(picked).isSubset(of: Set(vectors.rowValues)))
        }
        // More codewords than points: there is no error, every point is taken.
        #expect(Set(try initialCodewords(vectors, 50, .plusPlus, seed: 1)).count == 40)
    }

    @Test func samplesAreDistinctTrainingVectors() throws {
        let vectors = Matrix.clusters(5, rows: 90, columns: 2, seed: 1)
        for (seed, shards) in [(1, 1), (2, 8), (3, 90), (4, 64)] as [(UInt64, Int)] {
            for codewords in [1, 40, 90] {
                for initialization in [LloydTraining.Initialization.samples, .plusPlus] {
                    let picked = Set(
                        try initialCodewords(vectors, codewords, initialization, seed: seed, shards: shards))
                    #expect(picked.count == codewords)
                    #expect(picked.isSubset(of: Set(vectors.rowValues)))
                }
            }
        }
        let first = try initialCodewords(vectors, 10, .samples, seed: 1)
        #expect(try initialCodewords(vectors, 10, .samples, seed: 2) != first)
        #expect(try initialCodewords(vectors, 10, .samples, seed: 1, shards: 3) == first)
    }

    @Test func moreCodewordsThanVectors() throws {
        let vectors = Matrix.clusters(2, rows: 10, columns: 2, seed: 1)
        for initialization in [LloydTraining.Initialization.samples, .plusPlus] {
            let error = #expect(throws: LloydError.self) {
                _ = try train(vectors, settings: .init(codewords: 11, iterations: 3, initialization: initialization))
            }
            #expect("\(error!)".contains("11") && "\(error!)".contains("10"))
        }
    }

    @Test func aVectorThatIsNotFiniteIsAnError() throws {
        let vectors = Matrix.clusters(2, rows: 50, columns: 2, seed: 1)
        vectors[17, 1] = .nan
        #expect(throws: (any Error).self) { _ = try train(vectors, settings: .init(codewords: 4, iterations: 3)) }
    }

    @Test func codebooksHaveTheSameBytesForAnyNumberOfMembersAndThreads() throws {
        let vectors = Matrix.clusters(11, rows: 900, columns: 21, seed: 6)
        let allocation = ReverseWaterFilling(variances: (0..<21).map { exp(-0.2 * Double($0)) }, rate: log2(40))
        let active = Matrix(rows: 900, columns: allocation.active.count)
        for item in 0..<900 { for column in 0..<active.columns { active[item, column] = vectors[item, column] } }
        let regularized = VRKMeans(allocation: allocation, codewords: 40, lambda: 10, seed: 1, step: 0)
        for (data, initialization, update) in [
            (vectors, .samples, nil), (vectors, .plusPlus, nil),
            (active, .gaussian(variances: allocation.codewordVariances), regularized),
        ] as [(Matrix, LloydTraining.Initialization, VRKMeans?)] {
            let settings = LloydTraining.Settings(codewords: 40, iterations: 6, initialization: initialization)
            let wanted = try train(data, shards: 13, settings: settings, update: update)[0]
            #expect(wanted.codebook.allSatisfy { $0.isFinite })
            for members in 1...4 {
                for threads in [1, 2] {
                    let all = try train(
                        data, shards: 13, members: members, threads: threads, settings: settings, update: update)
                    #expect(all.count == members)
                    for trained in all {
                        #expect(trained.codebook.map(\.bitPattern) == wanted.codebook.map(\.bitPattern))
                        #expect(trained.history == wanted.history && trained.counts == wanted.counts)
                    }
                }
            }
        }
    }

    /// Iteration by iteration the same centroids as scikit-learn, from the same codewords, over shards and members.
    @Test(
        .enabled(
            if: PythonScript.has("sklearn.cluster"), "needs scikit-learn: python3 -m pip install numpy scikit-learn"),
        arguments: [(1500, 8, 20), (900, 60, 12), (3000, 2, 30)])
    func theSameIterationsAsScikitLearn(count: Int, dimension: Int, codewords: Int) throws {
        let script = PythonScript(
            modules: ["sklearn.cluster", "warnings"],
            """
            warnings.simplefilter("ignore")
            folder, dimension, codewords = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            vectors = numpy.fromfile(folder + "/vectors.f32", "<f4").reshape(-1, dimension)
            start = numpy.fromfile(folder + "/start.f32", "<f4").reshape(codewords, dimension)
            for iterations in map(int, sys.argv[4:]):
                kmeans = sklearn.cluster.KMeans(
                    codewords, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=iterations).fit(vectors)
                kmeans.cluster_centers_.astype("<f4").tofile(f"{folder}/{iterations}.f32")
            """)
        let vectors = Matrix.clusters(codewords, rows: count, columns: dimension, seed: 21)
        let start = Matrix(rows: codewords, columns: dimension)
        start.pointer.update(from: vectors.pointer, count: start.count)
        let folder = try ScratchFolder()
        for (name, matrix) in [("vectors", vectors), ("start", start)] {
            try folder.write(Data(bytes: matrix.pointer, count: 4 * matrix.count), to: "\(name).f32")
        }
        let iterations = [1, 2, 3, 4, 5, 8, 12]
        let arguments = [folder.path, "\(dimension)", "\(codewords)"] + iterations.map(String.init)
        try script.run(arguments)
        for iteration in iterations {
            let theirs = try folder.bytes(of: "\(iteration).f32")
                .withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            for (members, shards) in [(1, 1), (3, 16)] {
                let ours = try train(
                    vectors, shards: shards, members: members, threads: 2,
                    settings: .init(codewords: codewords, iterations: iteration, initialization: .given(start)))[0]
                try #require(ours.counts.allSatisfy { $0 > 0 }, "the data of this test leave no codeword empty")
                let largest = zip(ours.codebook, theirs).map { abs($0 - $1) }.max()!
                #expect(ours.codebook.count == theirs.count && largest < 1e-4, "after \(iteration) iterations")
            }
        }
    }
}
