import Training

/// A planner of a method that says what its steps are: costs, layouts and memory follow.
///
///     StepPlanner(
///         method: "pq", items: (train: 10_000, test: 0), dimension: 64, request: request, dataBytes: 2.56e6,
///         steps: [PlannedStep("assign", count: 20, operations: 1e9, statistics: layout)])
public struct StepPlanner: Planner {
    public let rates: MachineRates
    private let method: String
    private let items: (train: Int, test: Int)
    private let dimension: Int
    private let baseBytes: Double
    private let steps: [PlannedStep]
    private let dataBytes: Double

    /// - Parameters:
    ///   - items: how many vectors are trained on, and tested on.
    ///   - dataBytes: memory of all data together, which ranks share.
    public init(
        method: String, items: (train: Int, test: Int), dimension: Int, request: PlanRequest, dataBytes: Double,
        steps: [PlannedStep]
    ) {
        (self.method, self.items, self.dimension) = (method, items, dimension)
        baseBytes = request.baseBytes
        self.dataBytes = dataBytes
        self.steps = steps
        rates = MachineRates.measure(limit: 0.1)
    }

    public func plan(_ layout: RankLayout) -> Plan {
        var plan = Plan(
            method: method, ranks: layout.ranks, threads: layout.threads, machines: layout.machines,
            shards: layout.shards, trainCount: items.train, testCount: items.test, dimension: dimension)
        for step in steps {
            let seconds = layout.share * step.operations / rates.search
            plan.add(
                step.name, steps: step.count,
                StepCost(operations: step.operations, seconds: seconds)
                    + layout.exchange(step.statistics, memoryRate: rates.memory))
        }
        let largest = steps.map(\.statistics.bytes).max() ?? 0
        let share = Double(layout.mostShards) / Double(layout.shards)
        plan.memory = [
            Plan.Memory(what: "program and MPI", bytes: baseBytes),
            Plan.Memory(what: "data", bytes: dataBytes * share),
            Plan.Memory(
                what: "statistics (\(layout.statisticsAtATime) at a time)",
                bytes: Double(layout.statisticsAtATime * largest)),
            Plan.Memory(
                what: "exchange buffers", bytes: steps.map { layout.exchangeBuffers($0.statistics) }.max() ?? 0),
        ].filter { $0.bytes > 0 }
        plan.assumptions = [
            "Steps: all that the config allows; the rate of a nearest-codeword search, measured on one core of this machine "
                + "now, for each operation."
        ]
        return plan
    }
}

/// Steps of one kind.
public struct PlannedStep: Sendable {
    /// What the table of steps calls it.
    public var name: String
    /// How many there are, at most.
    public var count: Int
    /// Floating-point operations of a step, of all ranks together.
    public var operations: Double
    /// What the ranks sum in each.
    public var statistics: StatisticsLayout

    public init(_ name: String, count: Int, operations: Double, statistics: StatisticsLayout) {
        self.name = name
        self.count = count
        self.operations = operations
        self.statistics = statistics
    }
}
