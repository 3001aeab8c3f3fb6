/// What a run will take, before it is launched: memory, operations, bytes between ranks, time.
///
///     var plan = Plan(
///         method: "rrq", ranks: 4, threads: 1, machines: 1, shards: 64, trainCount: 60_000, testCount: 10_000,
///         dimension: 784)
///     plan.add("assign", steps: 8, StepCost(operations: 6e9, exchangedBytes: 2e6, seconds: 0.1))
///     let seconds = plan.seconds                              // of the whole run, at most
public struct Plan: Sendable, Codable {
    /// Steps of one kind.
    public struct Phase: Sendable, Codable {
        /// As accounting calls it.
        public var name: String
        /// How many steps.
        public var steps: Int
        /// Floating-point operations of all ranks and steps together.
        public var operations: Double
        /// Bytes that a rank sends and receives in all steps together.
        public var exchangedBytes: Double
        /// Of all steps together, on the rank with most shards.
        public var seconds: Double
    }

    /// One layer of RRQ: all its steps.
    public struct Layer: Sendable, Codable {
        /// From 1.
        public var layer: Int
        /// Estimated active dimensions.
        public var active: Int
        /// Floating-point operations of all ranks and steps together.
        public var operations: Double
        /// Bytes that a rank sends and receives in all steps together.
        public var exchangedBytes: Double
        /// Of all steps together, on the rank with most shards.
        public var seconds: Double

        /// All steps of one layer.
        public init(layer: Int, active: Int, operations: Double, exchangedBytes: Double, seconds: Double) {
            (self.layer, self.active, self.operations) = (layer, active, operations)
            (self.exchangedBytes, self.seconds) = (exchangedBytes, seconds)
        }
    }

    /// Memory of one rank for one purpose.
    public struct Memory: Sendable, Codable {
        /// The purpose, such as "training vectors".
        public var what: String
        /// Of the rank that needs most.
        public var bytes: Double

        /// Memory for one purpose.
        public init(what: String, bytes: Double) {
            self.what = what
            self.bytes = bytes
        }
    }

    /// The method's name.
    public var method: String
    /// Processes of the run.
    public var ranks: Int
    /// Threads of each process.
    public var threads: Int
    /// Machines that the ranks are on, evenly.
    public var machines: Int
    /// How many parts the work of a step is cut into.
    public var shards: Int
    /// Training items.
    public var trainCount: Int
    /// Test items.
    public var testCount: Int
    /// Numbers of an item.
    public var dimension: Int
    /// All steps of the run, by kind.
    public var phases: [Phase] = []
    /// Of methods with layers; empty for others.
    public var layers: [Layer] = []
    /// What is held at the moment of the peak.
    public var memory: [Memory] = []
    /// What is held while trained models are measured, where that is another moment; empty otherwise.
    public var measuringMemory: [Memory] = []
    /// Bytes of the scratch file of the rank that needs most.
    public var scratchBytes = 0.0
    /// What had to be guessed, in sentences.
    public var assumptions: [String] = []

    /// A plan without steps and memory.
    public init(
        method: String, ranks: Int, threads: Int, machines: Int, shards: Int, trainCount: Int, testCount: Int,
        dimension: Int
    ) {
        self.method = method
        self.ranks = ranks
        self.threads = threads
        self.machines = machines
        self.shards = shards
        self.trainCount = trainCount
        self.testCount = testCount
        self.dimension = dimension
    }

    /// Floating-point operations of the whole run.
    public var operations: Double { phases.reduce(0) { $0 + $1.operations } }
    /// Bytes that a rank sends and receives in the whole run.
    public var exchangedBytes: Double { phases.reduce(0) { $0 + $1.exchangedBytes } }
    /// Of the whole run, at most.
    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }
    /// The largest memory of a rank at any moment.
    public var peakBytes: Double { max(Self.sum(memory), Self.sum(measuringMemory)) }

    /// Bytes of all purposes together.
    public static func sum(_ memory: [Memory]) -> Double { memory.reduce(0) { $0 + $1.bytes } }
    /// Ranks on the fullest machine.
    public var ranksPerMachine: Int { (ranks + machines - 1) / machines }

    /// Adds steps of one cost to a phase, or begins it.
    public mutating func add(_ name: String, steps: Int = 1, _ cost: StepCost) {
        let count = Double(steps)
        let index = phases.firstIndex { $0.name == name } ?? phases.count
        if index == phases.count {
            phases.append(Phase(name: name, steps: 0, operations: 0, exchangedBytes: 0, seconds: 0))
        }
        phases[index].steps += steps
        phases[index].operations += count * cost.operations
        phases[index].exchangedBytes += count * cost.exchangedBytes
        phases[index].seconds += count * cost.seconds
    }
}

/// What one step takes.
public struct StepCost {
    /// Floating-point operations of all ranks.
    public var operations: Double
    /// Bytes that a rank sends and receives.
    public var exchangedBytes: Double
    /// On the slowest rank.
    public var seconds: Double

    /// A cost.
    public init(operations: Double = 0, exchangedBytes: Double = 0, seconds: Double = 0) {
        self.operations = operations
        self.exchangedBytes = exchangedBytes
        self.seconds = seconds
    }

    /// One step that does what two did.
    public static func + (one: StepCost, other: StepCost) -> StepCost {
        StepCost(
            operations: one.operations + other.operations, exchangedBytes: one.exchangedBytes + other.exchangedBytes,
            seconds: one.seconds + other.seconds)
    }

    /// So many steps of one cost.
    public static func * (count: Int, cost: StepCost) -> StepCost {
        StepCost(
            operations: Double(count) * cost.operations, exchangedBytes: Double(count) * cost.exchangedBytes,
            seconds: Double(count) * cost.seconds)
    }
}
