/// What a run will take, before it is launched: memory, operations, bytes between ranks, time.
///
///     let plan = try RRQPlanner(settings: settings, source: source, baseBytes: 3e7).plan(layout)
///     plan.peakBytes                                          // memory of the rank that needs most
///     plan.seconds                                            // of the whole run, at most
///     plan.assumptions                                        // what had to be guessed, in sentences
public struct Plan: Sendable, Codable {
    /// Steps of one kind.
    public struct Phase: Sendable, Codable {
        public var name: String
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
        public var operations: Double
        public var exchangedBytes: Double
        public var seconds: Double

        public init(layer: Int, active: Int, operations: Double, exchangedBytes: Double, seconds: Double) {
            (self.layer, self.active, self.operations) = (layer, active, operations)
            (self.exchangedBytes, self.seconds) = (exchangedBytes, seconds)
        }
    }

    /// Memory of one rank for one purpose.
    public struct Memory: Sendable, Codable {
        public var what: String
        public var bytes: Double

        public init(what: String, bytes: Double) {
            self.what = what
            self.bytes = bytes
        }
    }

    public var method: String
    public var ranks: Int
    public var threads: Int
    public var machines: Int
    public var shards: Int
    public var trainCount: Int
    public var testCount: Int
    public var dimension: Int
    public var phases: [Phase] = []
    /// Empty for a codebook study.
    public var layers: [Layer] = []
    /// What is held at the moment of the peak.
    public var memory: [Memory] = []
    /// What is held while trained models are measured, where that is another moment; empty otherwise.
    public var measuringMemory: [Memory] = []
    /// Bytes of the scratch file of the rank that needs most.
    public var scratchBytes = 0.0
    public var assumptions: [String] = []

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

    public var operations: Double { phases.reduce(0) { $0 + $1.operations } }
    public var exchangedBytes: Double { phases.reduce(0) { $0 + $1.exchangedBytes } }
    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }
    public var peakBytes: Double { max(Self.sum(memory), Self.sum(measuringMemory)) }

    public static func sum(_ memory: [Memory]) -> Double { memory.reduce(0) { $0 + $1.bytes } }
    /// Ranks on the fullest machine.
    public var ranksPerMachine: Int { (ranks + machines - 1) / machines }

    /// Adds to a phase, or begins it.
    public mutating func add(_ name: String, steps: Int = 1, _ cost: StepCost) {
        let count = Double(steps)
        let place = phases.firstIndex { $0.name == name } ?? phases.count
        if place == phases.count {
            phases.append(Phase(name: name, steps: 0, operations: 0, exchangedBytes: 0, seconds: 0))
        }
        phases[place].steps += steps
        phases[place].operations += count * cost.operations
        phases[place].exchangedBytes += count * cost.exchangedBytes
        phases[place].seconds += count * cost.seconds
    }
}

/// What one step takes.
public struct StepCost {
    public var operations: Double
    public var exchangedBytes: Double
    public var seconds: Double

    public init(operations: Double = 0, exchangedBytes: Double = 0, seconds: Double = 0) {
        self.operations = operations
        self.exchangedBytes = exchangedBytes
        self.seconds = seconds
    }

    public static func + (one: StepCost, other: StepCost) -> StepCost {
        StepCost(
            operations: one.operations + other.operations, exchangedBytes: one.exchangedBytes + other.exchangedBytes,
            seconds: one.seconds + other.seconds)
    }

    public static func * (count: Int, cost: StepCost) -> StepCost {
        StepCost(
            operations: Double(count) * cost.operations, exchangedBytes: Double(count) * cost.exchangedBytes,
            seconds: Double(count) * cost.seconds)
    }
}
