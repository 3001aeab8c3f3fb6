import Numerics
import Testing
import Training

@testable import Quantization

/// Vectors far from all codewords, which the shards of a pass of ECVQ hand over: each becomes a codeword.
@Suite struct FarVectorTests {
    /// Given numbers, as vectors of one component.
    private struct Numbers: VectorDraws {
        let numbers: [Float]
        let dimension = 1
        var count: Int? { numbers.count }

        func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
            for (row, item) in items.enumerated() { destination[row] = numbers[item] }
        }
    }

    /// The codewords that a pass over shards of three numbers each places.
    private func placed(_ numbers: [Float], limit: Int = 100) -> [Float] {
        let shards = numbers.count / 3
        let alternation = Alternation(
            start: CodebookStart(codewords: [0, 1], codeLengths: [1, 1]), dimension: 1, lambda: 1,
            search: PenalizedSearch(dimension: 1, threads: 1), memory: [Alternation.WorkerMemory(dimension: 1)],
            shards: shards, limit: limit)
        let fields = alternation.fields(outlierDistance: alternation.outlierDistance(vectors: numbers.count))
        let total = Statistics(layout: fields.layout)
        for shard in 0..<shards {
            alternation.map(
                Numbers(numbers: numbers), items: 3 * shard..<3 * shard + 3, shard: shard, worker: 0, fields,
                into: total)
        }
        _ = alternation.update(total, fields)
        alternation.takeOutliers(total, fields, vectors: numbers.count)
        return Array(alternation.codewords[alternation.live - alternation.placed..<alternation.live])
    }

    @Test func everyFarVectorBecomesACodeword() {
        #expect(placed([0, 100, 1, 0, 1, 0, -300, 0, 200]) == [100, -300, 200])
        #expect(placed([0, 1, 0, 50, 150, 250]) == [50, 150, 250])
        #expect(placed([0, 1, 0, 1, 0, 0.5]).isEmpty)
    }

    @Test func oneOfSeveralNearEachOtherBecomesACodeword() {
        #expect(placed([0, 100, 100.5, 101, 0, -100]) == [100, -100])
    }

    @Test func thereAreNoMoreCodewordsThanTheLimit() {
        #expect(placed([0, 1, 100, 200, 300, 400], limit: 4) == [100, 200])
    }
}
