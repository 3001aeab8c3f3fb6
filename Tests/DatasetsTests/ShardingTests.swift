import Datasets
import Foundation
import Testing

struct ShardRangeTests {
    @Test func shardsTileTheItems() {
        for count in [0, 1, 5, 63, 64, 65, 2414] {
            for shards in [1, 2, 3, 64] {
                let cut = ShardRange(count: count, shards: shards)
                var end = 0
                for shard in 0..<shards {
                    #expect(cut[shard].lowerBound == end)
                    end = cut[shard].upperBound
                    #expect(cut[shard].count == count / shards || cut[shard].count == (count + shards - 1) / shards)
                    for item in cut[shard] { #expect(cut.shard(of: item) == shard) }
                }
                #expect(end == count)
            }
        }
    }
}

/// Vectors without content, in groups of given sizes.
struct GroupedSource: VectorSource {
    let sizes: [Int]
    var hasGroups = true
    var name: String { "grouped" }
    var count: Int { sizes.reduce(0, +) }
    var dimension: Int { 1 }
    func itemName(_ index: Int) -> String { "item \(index)" }
    func group(_ index: Int) -> String? {
        guard hasGroups else { return nil }
        var rest = index
        for (number, size) in sizes.enumerated() {
            if rest < size { return "g\(number)" }
            rest -= size
        }
        return nil
    }
    func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        destination[0] = Float(index)
    }
}

struct TrainTestSplitTests {
    @Test func itemsAreDividedOnceAndSorted() throws {
        let split = try TrainTestSplit(count: 1000, testFraction: 0.2, seed: 7)
        #expect(split.test.count == 200 && split.train.count == 800)
        #expect(split.test == split.test.sorted() && split.train == split.train.sorted())
        #expect(Set(split.test).union(split.train).count == 1000)
        #expect(try split == TrainTestSplit(count: 1000, testFraction: 0.2, seed: 7))
        #expect(try split != TrainTestSplit(count: 1000, testFraction: 0.2, seed: 8))
        // Not a block: every tenth of the items has some.
        for tenth in 0..<10 { #expect(split.test.contains { $0 / 100 == tenth }) }
        let source = GroupedSource(sizes: [1000], hasGroups: false)
        #expect(try split == TrainTestSplit(source: source, testFraction: 0.2, seed: 7))
    }

    @Test func noTestItemsWhereNoneAreWanted() throws {
        #expect(try TrainTestSplit(count: 5, testFraction: 0, seed: 1).train == [0, 1, 2, 3, 4])
        let source = GroupedSource(sizes: [3, 4])
        #expect(try TrainTestSplit(source: source, testFraction: 0, seed: 1, byGroup: true).test == [])
    }

    @Test func groupsStayTogether() throws {
        let source = GroupedSource(sizes: (0..<38).map { 60 + $0 % 5 })
        var sides: Set<[Int]> = []
        for seed in 0..<10 as Range<UInt64> {
            let split = try TrainTestSplit(source: source, testFraction: 0.2, seed: seed, byGroup: true)
            let test = Set(split.test.map { source.group($0)! })
            #expect(test.isDisjoint(with: split.train.map { source.group($0)! }))
            #expect(split.test.count + split.train.count == source.count)
            #expect(abs(Double(split.test.count) - 0.2 * Double(source.count)) <= 0.0101 * Double(source.count))
            sides.insert(split.test)
        }
        #expect(sides.count >= 9)
    }

    @Test func noChoiceOfGroupsIsNearerByMoreThanOnePercent() throws {
        for sizes in [
            [5, 5, 90], [97, 3], [1, 2, 4, 8, 16], [10, 10, 10], [50, 1], [7, 11, 13, 2, 40], [300, 120, 77, 501, 222],
        ] {
            for fraction in [0.01, 0.1, 0.25, 0.5, 0.9, 0.99] {
                let source = GroupedSource(sizes: sizes)
                let target = Int((fraction * Double(source.count)).rounded())
                var nearest = Int.max
                for choice in 1..<(1 << sizes.count) - 1 {
                    let sum = sizes.indices.reduce(0) { $0 + (choice >> $1 & 1 == 1 ? sizes[$1] : 0) }
                    nearest = min(nearest, abs(sum - target))
                }
                let split = try TrainTestSplit(source: source, testFraction: fraction, seed: 3, byGroup: true)
                #expect(
                    abs(split.test.count - target) <= max(nearest, source.count / 100),
                    "\(sizes), \(fraction): \(split.test.count)")
                #expect(!split.test.isEmpty && !split.train.isEmpty)
            }
        }
    }

    @Test func impossibleSplitsAreErrors() {
        #expect(
            datasetError { try TrainTestSplit(count: 3, testFraction: 0.1, seed: 1) }?.problem.contains("test side")
                == true)
        #expect(
            datasetError { try TrainTestSplit(count: 3, testFraction: 0.9, seed: 1) }?.problem.contains("training side")
                == true)
        for fraction in [-0.1, 1, 7, .nan, .infinity] {
            let error = datasetError { try TrainTestSplit(count: 30, testFraction: fraction, seed: 1, name: "faces") }
            #expect(error?.path == "faces" && error?.problem.contains("test fraction") == true)
        }
        let one = datasetError {
            try TrainTestSplit(source: GroupedSource(sizes: [9]), testFraction: 0.3, seed: 1, byGroup: true)
        }
        #expect(one?.problem.contains("only one group") == true)
        let none = GroupedSource(sizes: [9], hasGroups: false)
        let error = datasetError { try TrainTestSplit(source: none, testFraction: 0.3, seed: 1, byGroup: true) }
        #expect(error?.problem.contains("no groups (item 0") == true)
    }

    @Test func subsetsRenumber() throws {
        let subset = Subset(GroupedSource(sizes: [3, 4]), indices: [1, 5])
        #expect(subset.count == 2 && subset.dimension == 1 && subset.itemName(1) == "item 5" && subset.group(1) == "g1")
        let matrix = try subset.readShard(0..<2)
        #expect(matrix[0, 0] == 1 && matrix[1, 0] == 5)
    }
}
