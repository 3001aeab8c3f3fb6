import Training

/// Forecasts a run of one config for any number of ranks.
public protocol Planner {
    /// What this machine's kernels were measured to do.
    var rates: MachineRates { get }
    /// The most ranks that get a share of every step; nil for as many as there are shards.
    var mostRanks: Int? { get }
    /// What the plan's texts say.
    var words: PlanWords { get }

    func plan(_ layout: RankLayout) -> Plan
    /// Memory of the rank that needs most, in bytes.
    func peakBytes(_ layout: RankLayout) -> Double
}

extension Planner {
    public var mostRanks: Int? { nil }
    public var words: PlanWords { PlanWords() }
    public func peakBytes(_ layout: RankLayout) -> Double { plan(layout).peakBytes }
}

/// Words of a plan that differ from method to method.
public struct PlanWords: Sendable {
    /// What is planned, instead of a line about training and test vectors.
    public var heading: String?
    /// What the sum is of.
    public var total = "In all"
    /// What ranks share.
    public var shares = "shards"
    /// What makes a run smaller that does not fit into memory.
    public var smaller = "less data"

    public init(
        heading: String? = nil, total: String = "In all", shares: String = "shards", smaller: String = "less data"
    ) {
        self.heading = heading
        self.total = total
        self.shares = shares
        self.smaller = smaller
    }
}

/// What a planner is made for.
public struct PlanRequest: Sendable {
    /// Memory of the program itself, in bytes.
    public var baseBytes: Double
    /// Most data items that are read.
    public var sample: Int

    public init(baseBytes: Double = 3e7, sample: Int = 200) {
        self.baseBytes = baseBytes
        self.sample = sample
    }
}
