import Messaging

/// How a run spends its time: seconds per phase on this rank, and a table of minimum, mean and maximum over ranks at the end.
public struct Accounting {
    /// The seconds of one phase of the training on this rank.
    struct Phase {
        var steps = 0
        var map = 0.0
        var wait = 0.0
        var exchange = 0.0
        var update = 0.0
    }

    private var order: [String] = []
    private var phases: [String: Phase] = [:]

    mutating func add(_ phase: String, before: OrderedReduction.Times, after: OrderedReduction.Times, update: Double) {
        if phases[phase] == nil { order.append(phase) }
        phases[phase, default: Phase()].steps += 1
        phases[phase]!.map += after.map - before.map
        phases[phase]!.wait += after.wait - before.wait
        phases[phase]!.exchange += after.exchange - before.exchange
        phases[phase]!.update += update
    }

    /// Seconds that are not part of a step, such as reading data or writing files.
    mutating func add(_ phase: String, seconds: Double) {
        if phases[phase] == nil { order.append(phase) }
        phases[phase, default: Phase()].steps += 1
        phases[phase]!.update += seconds
    }

    /// A row of the table: seconds over all ranks. `OrderedReduction.Times` says what its activities mean. In steps that
    /// exchange chunks of the gradient early, what is exchanged during the computing is in no row.
    public struct Row: Sendable, Codable {
        /// Of the method, such as "assign", or of other work, such as "read data".
        public var phase: String
        /// What the ranks did in it: "map shards", "wait for the slowest rank", "exchange and add" or "update".
        public var activity: String
        /// How often the coordinator did it.
        public var steps: Int
        /// Seconds of the rank that spent least.
        public var minimum: Double
        /// Seconds, mean over the ranks.
        public var mean: Double
        /// Seconds of the rank that spent most.
        public var maximum: Double
    }

    /// Collects the rows from all ranks; every rank must call it. The coordinator's phases are the table's: it takes part in
    /// all of them, and some (writing files) are its alone.
    /// - Throws: `MessagingError`.
    public func rows(over communicator: any Communicator) throws -> [Row] {
        var rows: [Row] = []
        for name in try shared(order, over: communicator) {
            let phase = phases[name] ?? Phase()
            let activities = [
                ("map shards", phase.map), ("wait for the slowest rank", phase.wait),
                ("exchange and add", phase.exchange), ("update", phase.update),
            ]
            for (activity, seconds) in activities {
                let all = try communicator.allGather(value: seconds)
                let mean = all.reduce(0, +) / Double(all.count)
                guard all.max()! > 0 else { continue }
                rows.append(
                    Row(
                        phase: name, activity: activity, steps: phase.steps, minimum: all.min()!, mean: mean,
                        maximum: all.max()!))
            }
        }
        return rows
    }

    /// The coordinator's names, on every rank.
    private func shared(_ names: [String], over communicator: any Communicator) throws -> [String] {
        var bytes = Array(names.joined(separator: "\n").utf8)
        var length = [Int64(bytes.count)]
        try length.withUnsafeMutableBufferPointer { try communicator.broadcast($0, root: 0) }
        if communicator.rank != 0 { bytes = Array(repeating: 0, count: Int(length[0])) }
        try bytes.withUnsafeMutableBufferPointer { try communicator.broadcast($0, root: 0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
