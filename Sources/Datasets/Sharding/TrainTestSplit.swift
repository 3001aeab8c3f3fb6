import Numerics

/// Which items are trained on and which are held back: the same lists on every rank for a seed.
///
///     let split = try TrainTestSplit(source: faces, testFraction: 0.2, seed: 7, byGroup: true)
///     split.train                                   // sorted indices of 80 % of the faces
///     split.test                                    // no person is on both sides
///
/// Without groups the test side is the first `testFraction * count` items, rounded, of a random permutation. By group,
/// groups are considered in random order until some of them have that many items together, within 1 % of all items. If no
/// choice of groups does, the nearest possible number is taken. (To insist on the nearest would often leave only one
/// choice, the same for every seed.)
public struct TrainTestSplit: Sendable, Equatable {
    /// Indices of the training items, ascending.
    public let train: [Int]
    /// Indices of the test items, ascending.
    public let test: [Int]

    /// Splits the items of `source`.
    ///
    /// - Parameters:
    ///   - testFraction: the share of test items, 0 or more and below 1; 0 leaves the test side empty.
    ///   - seed: the seed of the random permutation.
    ///   - byGroup: keeps all items of a group (a person's images) on one side.
    /// - Throws: `LloydError` if a side would be empty (unless `testFraction` is 0) or groups are asked for and
    ///   there are none.
    public init(source: any VectorSource, testFraction: Double, seed: UInt64, byGroup: Bool = false) throws {
        guard byGroup else {
            try self.init(count: source.count, testFraction: testFraction, seed: seed, name: source.name)
            return
        }
        var members: [[Int]] = []
        var numbers: [String: Int] = [:]
        for index in 0..<source.count {
            guard let group = source.group(index) else {
                throw LloydError(
                    path: source.name, problem: "has no groups (\(source.itemName(index)) belongs to none)",
                    remedy: "split by item, or use a folder of images with a sub-folder for each group")
            }
            if let number = numbers[group] {
                members[number].append(index)
            } else {
                numbers[group] = members.count
                members.append([index])
            }
        }
        let target = try Self.testCount(
            of: source.count, testFraction: testFraction, name: source.name, allowsNone: true)
        guard testFraction > 0 else {
            self.init(count: source.count, test: [])
            return
        }
        guard members.count > 1 else {
            let content = members.count == 1 ? "only one group" : "no items"
            throw LloydError(
                path: source.name, problem: "has \(content), so a split by group leaves a side empty",
                remedy: "split by item, or give the data at least two groups")
        }
        let order = CounterRandom(seed: seed, purpose: .split).permutation(count: members.count)
        let chosen = Self.chooseGroups(sizes: order.map { members[$0].count }, target: target)
        self.init(count: source.count, test: chosen.flatMap { members[order[$0]] })
    }

    /// Splits the items 0..<count one by one.
    /// - Parameters:
    ///   - testFraction: the share of test items, 0 or more and below 1; 0 leaves the test side empty.
    ///   - name: the name of the data in errors.
    /// - Throws: `LloydError` if a side would be empty (unless `testFraction` is 0).
    public init(count: Int, testFraction: Double, seed: UInt64, name: String = "data") throws {
        let target = try Self.testCount(of: count, testFraction: testFraction, name: name, allowsNone: false)
        let order = CounterRandom(seed: seed, purpose: .split).permutation(count: count)
        self.init(count: count, test: Array(order.prefix(target)))
    }

    private init(count: Int, test: [Int]) {
        var isTest = [Bool](repeating: false, count: count)
        for index in test { isTest[index] = true }
        self.test = isTest.indices.filter { isTest[$0] }
        self.train = isTest.indices.filter { !isTest[$0] }
    }

    private static func testCount(of count: Int, testFraction: Double, name: String, allowsNone: Bool) throws -> Int {
        guard testFraction >= 0, testFraction < 1 else {
            throw LloydError(
                path: name, problem: "a test fraction of \(testFraction) was asked for",
                remedy: "choose one from 0 to below 1")
        }
        let target = Int((testFraction * Double(count)).rounded())
        guard testFraction > 0, !allowsNone else { return target }
        guard target > 0, target < count else {
            throw LloydError(
                path: name,
                problem: "a test fraction of \(testFraction) of \(count) items leaves the "
                    + (target == 0 ? "test" : "training") + " side empty",
                remedy: "choose a \(target == 0 ? "larger" : "smaller") fraction, 0 for no test items, or add data")
        }
        return target
    }

    /// Positions in `sizes` whose sum is within a hundredth of the total of `target`, among the shortest run of first
    /// positions that allows it; without such a run, as near as any choice that leaves neither side empty.
    static func chooseGroups(sizes: [Int], target: Int) -> [Int] {
        let total = sizes.reduce(0, +)
        guard let smallest = sizes.min() else { return [] }
        // A sum beyond twice the target is not nearer than the smallest group, unless that group itself is.
        let limit = min(max(2 * target, smallest), total - 1)
        // lastOf[sum] is the position that first made `sum` possible, so a chain of them descends.
        var lastOf = [Int32](repeating: -1, count: limit + 1)
        let tolerance = total / 100
        let goodEnough = max(1, target - tolerance)..<max(1, min(limit, target + tolerance)) + 1
        for (position, size) in sizes.enumerated() where size <= limit {
            if goodEnough.contains(where: { lastOf[$0] >= 0 }) { break }
            for sum in stride(from: limit, through: size, by: -1)
            where lastOf[sum] < 0 && (sum == size || lastOf[sum - size] >= 0) {
                lastOf[sum] = Int32(position)
            }
        }
        let sums = (1...limit).filter { lastOf[$0] >= 0 }
        var sum = sums.min { abs($0 - target) < abs($1 - target) }!
        var chosen: [Int] = []
        while sum > 0 {
            let position = Int(lastOf[sum])
            chosen.append(position)
            sum -= sizes[position]
        }
        return chosen
    }
}
