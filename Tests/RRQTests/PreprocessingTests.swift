import Datasets
import Messaging
import Numerics
import Testing
import Training

@testable import RRQ

@Suite struct PreprocessingTests {
    struct Case: Sendable {
        var width = 16
        var height = 12
        var channels = 1
        var count = 60
        var settings = DecorrelatingTransform.Settings()
    }

    static let cases: [Case] = {
        var cases = [Case(), Case(channels: 3, count: 40), Case(width: 9, height: 17)]
        for index in cases.indices { cases[index].settings.bandSize = [20, 64, 50][index] }
        cases[2].settings.lowFrequencyFactor = 3
        var noComponents = Case()
        noComponents.settings.principalComponents = false
        var noCosine = Case()
        noCosine.settings.cosine = false
        noCosine.settings.bandSize = 30
        // Fewer images than a band has coefficients: most eigenvalues are zero.
        var few = Case(count: 5)
        few.settings.bandSize = 192
        return cases + [noComponents, noCosine, few]
    }()

    private struct Fitted {
        var transform: DecorrelatingTransform
        var train: VectorShards
        var test: VectorShards
    }

    private func source(_ item: Case, seed: UInt64 = 1) -> DeadLeaves {
        DeadLeaves(count: item.count, width: item.width, height: item.height, channels: item.channels, seed: seed)
    }

    private func fit(_ item: Case, _ loop: TrainingLoop) throws -> Fitted {
        let source = source(item)
        let transform = DecorrelatingTransform(
            shape: source.imageShape, dimension: source.dimension, settings: item.settings)
        func load(_ source: any VectorSource) throws -> VectorShards {
            let scratch = (0..<loop.reduction.team.threads).map { _ in
                AlignedBuffer<Float>(count: transform.scratchCount)
            }
            return try VectorShards.load(source, name: "images", reduction: loop.reduction) { pixels, vector, worker in
                transform.frequencies(of: pixels, into: vector, scratch: scratch[worker].pointer)
            }
        }
        let (train, test) = (try load(source), try load(self.source(item, seed: 2)))
        let outcome = try loop.run(
            PreprocessingFit(
                transform: transform, train: train, others: [test], threads: loop.reduction.team.threads))
        #expect(outcome == .finished)
        return Fitted(transform: transform, train: train, test: test)
    }

    private func pixels(_ source: some VectorSource, _ index: Int) throws -> [Float] {
        var result = [Float](repeating: .nan, count: source.dimension)
        try result.withUnsafeMutableBufferPointer { try source.read(index, into: $0) }
        return result
    }

    @Test(arguments: cases.indices) func everythingCanBeUndone(index: Int) throws {
        let item = Self.cases[index]
        let fitted = try fit(item, makeLoop(shards: 4))
        for (set, seed) in [(fitted.train, 1), (fitted.test, 2)] as [(VectorShards, UInt64)] {
            let source = source(item, seed: seed)
            for shard in 0..<4 {
                let vectors = set[shard].copy()
                let scratch = AlignedBuffer<Float>(count: fitted.transform.restoreScratchCount(vectors.rows))
                fitted.transform.restorePixels(vectors.pointer, count: vectors.rows, scratch: scratch.pointer)
                for (row, image) in set.ranges[shard].enumerated() {
                    let wanted = try pixels(source, image)
                    #expect(zip(vectors.row(row), wanted).allSatisfy { abs($0 - $1) < 1e-5 }, "pixels are in 0...1")
                }
            }
        }
    }

    @Test(arguments: cases.indices) func distancesStayAsTheyWere(index: Int) throws {
        let item = Self.cases[index]
        let fitted = try fit(item, makeLoop(shards: 4))
        let rows = fitted.train.rows
        func distance(_ first: [Float], _ second: [Float]) -> Double {
            zip(first, second).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        }
        let source = source(item)
        for (first, second) in [(0, 1), (2, 4), (3, 0)] {
            let wanted = distance(try pixels(source, first), try pixels(source, second))
            #expect(abs(distance(rows[first], rows[second]) / wanted - 1) < 1e-5)
        }
    }

    @Test(arguments: cases.indices) func theTrainingSetIsDecorrelatedWithinBands(index: Int) throws {
        let item = Self.cases[index]
        let fitted = try fit(item, makeLoop(shards: 4))
        let rows = fitted.train.rows
        let means = (0..<fitted.transform.dimension).map { j in
            rows.reduce(0.0) { $0 + Double($1[j]) } / Double(rows.count)
        }
        #expect(means.allSatisfy { abs($0) < 1e-5 })
        guard item.settings.principalComponents else { return }
        for band in fitted.transform.subbands.bands {
            var variances: [Double] = []
            for first in band {
                for second in first..<band.upperBound {
                    let sum = rows.reduce(0.0) { $0 + Double($1[first]) * Double($1[second]) } / Double(rows.count)
                    if first == second { variances.append(sum) }
                    guard first != second else { continue }
                    let largest = max(variances[0], 1e-12)
                    #expect(abs(sum) < 1e-5 * largest, "band \(band), dimensions \(first) and \(second)")
                }
            }
            let margin = 1e-6 * variances[0]
            #expect(zip(variances, variances.dropFirst()).allSatisfy { $1 <= $0 + margin }, "largest first")
        }
    }

    @Test func theFitHasTheSameBytesForAnyNumberOfMembersAndThreads() throws {
        let item = Self.cases[0]
        let wanted = try fit(item, makeLoop(shards: 5))
        let wantedBases = wanted.transform.bases.map { Array($0.storage.elements).map(\.bitPattern) }
        let wantedRows = wanted.train.rows
        for members in [2, 3] {
            let all = try InProcessCommunicator.run(size: members) { world in
                let fitted = try self.fit(item, makeLoop(world, threads: 2, shards: 5))
                return (
                    fitted.transform.bases.map { Array($0.storage.elements).map(\.bitPattern) }, fitted.train.rows
                )
            }
            #expect(all.allSatisfy { $0.0 == wantedBases })
            #expect(all.flatMap(\.1) == wantedRows)
        }
    }

    /// A set that is prepared later, with the transform already fitted, becomes what it was.
    @Test func aFittedTransformIsAppliedTheSameWay() throws {
        let item = Self.cases[0]
        let loop = try makeLoop(shards: 4)
        let fitted = try fit(item, loop)
        let transform = fitted.transform
        let scratch = AlignedBuffer<Float>(count: transform.scratchCount)
        let again = try VectorShards.load(source(item), name: "again", reduction: loop.reduction) { pixels, vector, _ in
            transform.frequencies(of: pixels, into: vector, scratch: scratch.pointer)
        }
        #expect(
            try loop.run(PreprocessingFit(transform: transform, train: again, others: [], isFitted: true, threads: 1))
                == .finished)
        #expect(again.rows == fitted.train.rows)
    }
}
