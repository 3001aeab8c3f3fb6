/// How many ranks a run can have before something runs out: shards, cores or memory.
///
///     let limits = PlanLimits(shards: 64, cores: 2, memory: 25_000_000_000, threads: 1, machines: 1) { ranks in
///         1e9 + 20e9 / Double(ranks)
///     }
///     let (name, ranks) = limits.first                        // what is hit first, at how many ranks
public struct PlanLimits: Sendable, Codable {
    /// The most ranks that get a core for each of their threads.
    public let ranksByCores: Int
    /// The most ranks that have at least a shard each.
    public let ranksByShards: Int
    /// The most ranks whose memory fits; 0 if not even one fits; nil if all do, or if memory is unknown.
    public let ranksByMemory: Int?

    /// Finds the limits.
    /// - Parameters:
    ///   - cores: cores of each machine.
    ///   - memory: bytes of each machine; nil if unknown.
    ///   - threads: of each rank.
    ///   - peakBytes: memory of a rank when there are so many.
    /// - Throws: what `peakBytes` throws.
    public init(
        shards: Int, cores: Double, memory: Int?, threads: Int, machines: Int,
        peakBytes: (_ ranks: Int) throws -> Double
    ) rethrows {
        ranksByShards = shards
        ranksByCores = Int((cores / Double(threads)).rounded(.down)) * machines
        guard let memory else {
            ranksByMemory = nil
            return
        }
        func fits(_ ranks: Int) throws -> Bool {
            let perMachine = (ranks + machines - 1) / machines
            return try peakBytes(ranks) * Double(perMachine) <= Double(memory)
        }
        if try fits(shards) {
            ranksByMemory = nil
            return
        }
        // More ranks on a machine need more memory in all: each has statistics and bases of its own.
        var (low, high) = (0, shards)
        while high - low > 1 {
            let middle = (low + high) / 2
            if try fits(middle) { low = middle } else { high = middle }
        }
        ranksByMemory = low
    }

    /// What is hit first when ranks are added.
    public var first: (name: String, ranks: Int) {
        let all = [("memory", ranksByMemory ?? Int.max), ("cores", ranksByCores), ("shards", ranksByShards)]
        let least = all.min { $0.1 < $1.1 }!
        return (least.0, least.1)
    }
}
