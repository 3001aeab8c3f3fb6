import Foundation
import Messaging
import Numerics
import Testing
import Training

@testable import Quantization

/// Independent normal, Laplacian or uniform components, drawn by number.
private struct TestDraws: VectorDraws {
    enum Kind { case normal, laplace, uniform }
    var kind = Kind.normal
    let dimension: Int
    var count: Int?
    var seed: UInt64 = 1

    func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
        let random = CounterRandom(seed: seed, purpose: .test)
        for (row, item) in items.enumerated() {
            let vector = UnsafeMutableBufferPointer(start: destination + row * dimension, count: dimension)
            switch kind {
            case .normal: random.normals(item: item, into: vector)
            case .uniform: for index in 0..<dimension { vector[index] = Float(random.uniform(item: item, draw: index)) }
            case .laplace:
                for index in 0..<dimension {
                    let value = random.uniform(item: item, draw: index) - 0.5
                    vector[index] = Float((value < 0 ? 1 : -1) * log(1 - 2 * abs(value)))
                }
            }
        }
    }
}

private struct Ended: Sendable, Equatable {
    var codewords: [UInt32]
    var probabilities: [Double]
    var history: [Double]
    var objective: Double
    var bits: Double
    var error: Double
    var vectors: Int
    var dimension: Int
    var alive: Int { probabilities.count }
}

private func trainECVQ(
    _ draws: TestDraws, _ settings: ECVQTraining.Settings, test: Int = 20_000, shards: Int = 8, members: Int = 1,
    threads: Int = 1
) throws -> [Ended] {
    try InProcessCommunicator.run(size: members) { world in
        let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: shards)
        loop.stopRequested = { false }
        let training = try ECVQTraining(draws: draws, settings: settings, seed: 3, shards: shards, threads: threads)
        _ = try loop.run(training)
        let result = training.result!
        var other = draws
        other.seed = 99
        let measurement = CodebookMeasurement(
            result.codebook, draws: other, count: test, shards: shards, threads: threads)
        _ = try loop.run(measurement)
        #expect(measurement.counts.reduce(0, +) == Double(test))
        return Ended(
            codewords: result.codebook.codewords.values.map(\.bitPattern),
            probabilities: result.codebook.probabilities, history: training.history, objective: result.objective,
            bits: measurement.bitsPerDimension, error: measurement.meanSquaredError, vectors: result.vectors,
            dimension: result.codebook.dimension)
    }
}

private func small(_ lambda: Double) -> ECVQTraining.Settings {
    var settings = ECVQTraining.Settings(lambda: lambda)
    settings.vectors = 20_000
    settings.finalVectors = 40_000
    settings.codewords = 4000
    settings.passes = 15
    settings.trialPasses = 0
    return settings
}

@Suite(.timeLimit(.minutes(10))) struct ECVQTrainingTests {
    /// One pass of the alternation against a direct computation.
    @Test(arguments: [1, 2, 3]) func aPassIsThatOfTheDefinition(dimension: Int) throws {
        let draws = TestDraws(dimension: dimension)
        let (count, codewords, lambda, shards) = (3000, 40, 5.0, 7)
        let vectors = Matrix(rows: count, columns: dimension)
        draws.fill(items: 0..<count, into: vectors.pointer)
        let lengths = (0..<codewords).map { 2 + 0.3 * Double($0 % 11) }
        let first = Array(vectors.values.prefix(codewords * dimension))
        let start = CodebookStart(codewords: first, codeLengths: lengths)
        let alternation = Alternation(
            start: start, dimension: dimension, lambda: lambda,
            search: PenalizedSearch(dimension: dimension, threads: 1), memory: [.init(dimension: dimension)],
            shards: shards, limit: codewords, relaxation: 1)
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: shards)
        let fields = alternation.fields(outlierDistance: nil)
        let total = try loop.reduction.sum(fields.layout) { shard, worker, statistics in
            alternation.map(
                draws, items: shard * count / shards..<(shard + 1) * count / shards, shard: shard, worker: worker,
                fields, into: statistics)
        }
        let outcome = alternation.update(total, fields)

        var counts = [Double](repeating: 0, count: codewords)
        var sums = [Double](repeating: 0, count: codewords * dimension)
        var (bits, distortion) = (0.0, 0.0)
        for item in 0..<count {
            var (least, best, square) = (Double.infinity, 0, 0.0)
            for codeword in 0..<codewords {
                var distance = 0.0
                for index in 0..<dimension {
                    let difference = Double(vectors[item, index]) - Double(first[codeword * dimension + index])
                    distance += difference * difference
                }
                let cost = distance + lengths[codeword] / lambda
                if cost < least { (least, best, square) = (cost, codeword, distance) }
            }
            counts[best] += 1
            bits += lengths[best]
            distortion += square
            for index in 0..<dimension { sums[best * dimension + index] += Double(vectors[item, index]) }
        }
        #expect(abs(outcome.bits - bits / Double(count)) < 1e-9)
        #expect(abs(outcome.distortion - distortion / Double(count)) < 1e-5)
        let alive = (0..<codewords).filter { counts[$0] > 0 }
        #expect(alternation.live == alive.count && alternation.removed == codewords - alive.count)
        for (kept, codeword) in alive.enumerated() {
            #expect(abs(alternation.codeLengths[kept] + log2(counts[codeword] / Double(count))) < 1e-9)
            for index in 0..<dimension {
                let mean = sums[codeword * dimension + index] / counts[codeword]
                #expect(abs(Double(alternation.codewords[kept * dimension + index]) - mean) < 1e-4)
            }
        }
    }

    @Test func withoutOverRelaxationTheObjectiveNeverRises() throws {
        let draws = TestDraws(kind: .laplace, dimension: 2)
        let (count, lambda, shards) = (20_000, 6.0, 4)
        let start = try StartBuilder(draws: draws, lambda: lambda, limit: 4000, seed: 1, vectors: count)
            .build(.lattice(scale: 0.7, draw: 0))
        let alternation = Alternation(
            start: start, dimension: 2, lambda: lambda, search: PenalizedSearch(dimension: 2, threads: 1),
            memory: [.init(dimension: 2)], shards: shards, limit: 4000, relaxation: 1)
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: shards)
        var previous = Double.infinity
        for _ in 0..<25 {
            let fields = alternation.fields(outlierDistance: nil)
            let total = try loop.reduction.sum(fields.layout) { shard, worker, statistics in
                alternation.map(
                    draws, items: shard * count / shards..<(shard + 1) * count / shards, shard: shard, worker: worker,
                    fields, into: statistics)
            }
            let outcome = alternation.update(total, fields)
            alternation.prepare()
            let objective = outcome.bits + lambda * outcome.distortion
            #expect(objective <= previous * (1 + 1e-7))
            previous = objective
        }
        #expect(alternation.removed > 0, "cells that cost more than they save die")
    }

    /// Uniform on [0, 1]: K equal cells, log2 K bits, error 1 / (12 K^2): the best K for lambda is known.
    @Test func theUniformScalarQuantizer() throws {
        let lambda = 300.0
        var settings = small(lambda)
        settings.trialPasses = 10
        let trained = try trainECVQ(TestDraws(kind: .uniform, dimension: 1), settings)[0]
        let best = (1...60).map { log2(Double($0)) + lambda / (12 * Double($0 * $0)) }.min()!
        #expect(abs(trained.bits + lambda * trained.error - best) < 0.01)
    }

    /// At high rate the entropy-constrained scalar quantizer of a Laplacian is uniform: h - 1/2 log2(12 D) bits, where the
    /// differential entropy is log2(2 e).
    @Test func theLaplacianScalarQuantizerAtHighRate() throws {
        let lambda = 60.0
        var settings = small(lambda)
        settings.vectors = 200_000
        let trained = try trainECVQ(TestDraws(kind: .laplace, dimension: 1), settings, test: 100_000)[0]
        let error = 1 / (2 * log(2) * lambda)
        let best = log2(2 * exp(1)) - 0.5 * log2(12 * error) + lambda * error
        #expect(abs(trained.bits + lambda * trained.error - best) < 0.02)
    }

    /// The plane at high rate: the hexagon's second moment.
    @Test func theGaussianPlaneAtHighRate() throws {
        let lambda = 60.0
        var settings = small(lambda)
        settings.vectors = 200_000
        settings.finalVectors = 400_000
        let trained = try trainECVQ(TestDraws(dimension: 2), settings, test: 100_000)[0]
        let error = 1 / (2 * log(2) * lambda)
        let entropy = 0.5 * log2(2 * Double.pi * exp(1))
        let best = entropy + 0.5 * log2(5 / (36 * 3.0.squareRoot()) / error) + lambda * error
        #expect(abs(trained.bits + lambda * trained.error - best) < 0.025)
    }

    /// Ties by symmetry: a codebook for eight dimensions from few vectors, better than the cubic lattice's 1.53 dB.
    @Test func tiesBySymmetry() throws {
        var settings = small(2)
        settings.symmetric = true
        settings.vectors = 6000
        settings.codewords = 6000
        settings.finalVectors = 12_000
        let trained = try trainECVQ(TestDraws(dimension: 8), settings, test: 6000)[0]
        #expect(trained.alive > 240)
        let gap = 20 * log10(2) * trained.bits + 10 * log10(trained.error)
        #expect(gap < 1 && gap > 0.7, "\(gap) dB from the rate-distortion bound")
    }

    @Test func theSameBytesForAnyNumberOfMembersAndThreads() throws {
        func sizes(_ lambda: Double, _ vectors: Int, _ codewords: Int) -> ECVQTraining.Settings {
            var settings = small(lambda)
            (settings.vectors, settings.finalVectors, settings.codewords) = (vectors, vectors + 500, codewords)
            settings.passes = 4
            return settings
        }
        var plane = sizes(8, 3000, 600)
        plane.trialPasses = 2
        var tied = sizes(2, 2000, 1500)
        tied.symmetric = true
        // In the plane every one of some fifty starts is laid out by 2^20 draws, on every member, unless there are fewer.
        for (draws, settings) in [
            (TestDraws(kind: .laplace, dimension: 2, count: 4000), plane),
            (TestDraws(dimension: 3), sizes(4, 3000, 800)),
            (TestDraws(dimension: 4), tied),
        ] {
            let wanted = try trainECVQ(draws, settings, test: 2000, shards: 13)[0]
            for (members, threads) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
                let all = try trainECVQ(
                    draws, settings, test: 2000, shards: 13, members: members, threads: threads)
                #expect(all.count == members && all.allSatisfy { $0 == wanted }, "\(members) x \(threads)")
            }
        }
    }

    @Test func probabilitiesAreThoseOfACode() throws {
        let trained = try trainECVQ(TestDraws(kind: .laplace, dimension: 2), small(30))[0]
        #expect(abs(trained.probabilities.reduce(0, +) - 1) < 1e-9)
        #expect(trained.probabilities.allSatisfy { $0 > 0 })
        #expect(trained.bits.isFinite && trained.error.isFinite)
    }

    @Test func impossibleSettingsSayWhatIsPossible() throws {
        func message(_ change: (inout ECVQTraining.Settings) -> Void, dimension: Int = 2, count: Int? = nil) -> String {
            var settings = small(4)
            change(&settings)
            do {
                _ = try ECVQTraining(
                    draws: TestDraws(dimension: dimension, count: count), settings: settings, seed: 1, shards: 4,
                    threads: 1)
                return ""
            } catch { return "\(error)" }
        }
        for lambda in [0, -1, Double.nan, .infinity] {
            let text = message({ $0.lambda = lambda })
            #expect(text.contains("lambda") && text.contains("above 0"))
        }
        #expect(message({ $0.codewords = 0 }).contains("at least 1"))
        #expect(message({ $0.codewords = 30_000 }).contains("at most 20000"))
        #expect(message({ _ in }, count: 100).contains("at most 100"))
        #expect(message({ $0.symmetric = true }).contains("3 dimensions or more"))
    }
}
