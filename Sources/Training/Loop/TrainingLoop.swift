import Foundation
import Messaging
import Stepping

/// The one loop that drives every training method: map, ordered reduction, update, until the method is finished.
///
///     let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 64)
///     loop.onMetrics = { row in try folder.append(row) }      // on the coordinator
///     let outcome = try loop.run(method)                      // .finished, or .stopped after a signal
///
/// Signals, metrics, progress, files, checkpoints and the accounting of time live here once, for all methods. Whether a
/// signal has come anywhere travels with each step's sums, so all ranks leave after the same step.
public final class TrainingLoop: MethodRunner {
    /// How a run of a method ends: finished, or stopped after a signal.
    public typealias Outcome = RunOutcome

    /// Maps and sums the shards that the loop was made for.
    public let reduction: OrderedReduction
    /// Reductions of methods that cut their work into another number of shards, such as micro-batches.
    private var others: [Int: OrderedReduction] = [:]
    /// Seconds by phase on this rank, so far.
    public private(set) var accounting = Accounting()
    /// Called on the coordinator with every row of metrics.
    public var onMetrics: ((MetricRow) throws -> Void)?
    /// Called on the coordinator with every file the method has to write.
    public var onArtifact: ((Artifact) throws -> Void)?
    /// Called on the coordinator after every step, with what is being done, how far it has come in the words of the latest
    /// metrics, the share of the whole run that is done, and what of that share an earlier process has done.
    public var onStep: ((_ activity: String, _ headline: String, _ progress: Double, _ restored: Double) -> Void)?
    /// What the loop is doing now, for the message of an error.
    public private(set) var activity = "starting"
    private var part = (id: "", title: "", range: 0.0...1.0)
    /// What becomes of the files and metrics of this part.
    private var output = PartOutput.result
    /// Shares of the run that an earlier process has done: of the parts before, and of this one.
    private var restored = (before: 0.0, here: 0.0)
    /// The share of the run at which the part before ended.
    private var reached = 0.0
    /// What the latest row of metrics of this part said, for the progress line.
    private var headline = ""
    /// Writes checkpoints when they are due, on the coordinator; nil for none.
    public var checkpoints: CheckpointWriter?
    /// What an earlier process left, until the part that it belongs to begins.
    private var resumption: Checkpoint?
    /// States of this part's methods that an earlier process left and that have not been handed back yet.
    private var handedOver: [String: TrainingState] = [:]
    /// Final states of the methods that ended in this part, on the coordinator.
    private var ended: [String: TrainingState] = [:]
    /// Methods that were run in this part.
    private var methodsRun = 0
    /// A stop was asked for on some rank: nothing begins another step.
    private var isStopping = false
    /// Notices steps that take far longer than usual.
    public var watchdog: Watchdog?
    /// Steps that this process has begun, of all methods and parts.
    public private(set) var steps = 0
    /// Whether a stop is wanted on this rank: asked once during every step.
    public var stopRequested: () -> Bool = { StopSignals.received }

    private let clock = ContinuousClock()

    /// How ranks lie on machines, if that decides how sums travel; otherwise nil.
    private let layout: NodeLayout?

    /// Every rank must make it alike: it asks all which machines they are on.
    /// - Throws: `LloydError.moreRanksThanShards` if some rank would have nothing to do; `MessagingError`.
    public init(communicator: any Communicator, team: Team, shards: Int) throws {
        layout = try NodeLayout.detect(communicator)
        reduction = try OrderedReduction(communicator: communicator, team: team, shards: shards, layout: layout)
    }

    /// Connects the ranks.
    public var communicator: any Communicator { reduction.communicator }
    /// The threads of this rank.
    public var team: Team { reduction.team }
    /// How many shards the loop was made for, over all ranks.
    public var shards: Int { reduction.tree.shards }
    /// Those of them that this rank maps.
    public var owned: Range<Int> { reduction.owned }
    /// Whether this is rank 0, which writes files, metrics and checkpoints.
    public var isCoordinator: Bool { communicator.rank == 0 }

    /// What becomes of the files and metrics of a part.
    public enum PartOutput: Sendable {
        /// They are the run's.
        case result
        /// Metrics are left out. Files go to a folder from which an interrupted run continues; without checkpoints, they are
        /// not written.
        case resumable(folder: String)
    }

    /// Says which part of a larger run comes next. What lies between the part before and this one counts as done by an
    /// earlier process.
    /// - Parameters:
    ///   - title: what people call it.
    ///   - id: what checkpoints call it; nil for its title.
    ///   - range: the share of the whole run that it spans.
    ///   - output: what becomes of its files and metrics.
    public func begin(
        _ title: String, id: String? = nil, spanning range: ClosedRange<Double> = 0...1, output: PartOutput = .result
    ) {
        self.output = output
        (ended, methodsRun) = ([:], 0)
        handedOver = [:]
        if let found = resumption, found.part == id ?? title || found.part == title {
            (handedOver, resumption) = (found.states, nil)
        }
        restored = (restored.before + restored.here + max(0, range.lowerBound - reached), 0)
        reached = max(reached, range.upperBound)
        part = (id ?? title, title, range)
        headline = ""
    }

    /// Continues from a checkpoint: methods of its part get their states back. Every rank must call it alike,
    /// before the part begins.
    public func resume(from checkpoint: Checkpoint) { resumption = checkpoint }

    /// Rows of metrics handed over so far, on the coordinator. Whoever resumes a run sets it to the rows that the run has kept.
    public var rowsRecorded = 0

    /// Hands over a row of metrics that no method returned. Ranks other than the coordinator ignore it.
    /// - Throws: what `onMetrics` throws.
    public func record(_ row: MetricRow) throws {
        guard isCoordinator, case .result = output else { return }
        rowsRecorded += 1
        try onMetrics?(row)
    }

    /// Runs the method to its end, or to the end of the step in which a signal came.
    ///
    /// If a checkpoint of this part holds a state under the method's name, a method that can be resumed continues from it. It
    /// is kept in this part's checkpoints, also after its end, so that a later method of the part finds what it builds upon.
    /// - Parameters:
    ///   - name: tells it from other methods of the part; nil for its index among them. Running a method again under the
    ///     same name continues it.
    ///   - shards: how many parts the method cuts its work into; nil for as many as the loop was made for.
    ///   - keepingEnd: false if nothing after its end needs its state, which may be large.
    ///   - share: the share of the part that the method is, within 0...1.
    ///   - interleaved: called before every step, also the first one of a resumed method; may run other methods, such as a
    ///     validation that is due. `.stopped` ends the method too.
    /// - Throws: `LloydError.moreRanksThanShards` if some rank would have nothing to do; what the method throws.
    public func run(
        _ method: any TrainingMethod, named name: String? = nil, shards: Int? = nil, keepingEnd: Bool = true,
        spanning share: ClosedRange<Double> = 0...1, interleaving interleaved: (() throws -> RunOutcome)? = nil
    ) throws -> RunOutcome {
        let reduction = try reduction(shards: shards)
        reduction.onMapped = watchdog.map { watchdog in { watchdog.wait() } }
        let name = name ?? "method-\(methodsRun)"
        methodsRun += 1
        let resumable = method as? any ResumableMethod
        if let resumable, let state = handedOver.removeValue(forKey: name) { try resumable.restore(state) }
        while !method.isFinished {
            if try isStopping || interleaved?() == .stopped {
                try writeCheckpoint(of: resumable, named: name)
                return .stopped
            }
            let phase = method.phase
            activity = described(phase)
            steps += 1
            watchdog?.beginStep(activity)
            // One more sum than the method asks for: how many ranks want to stop.
            var layout = method.layout
            let flag = layout.sums
            layout.sums += 1
            let before = reduction.times
            let first = reduction.owned.lowerBound
            let total = try reduction.sum(layout) { shard, worker, statistics in
                try method.map(shard: shard, worker: worker, into: statistics)
                if shard == first, stopRequested() { statistics.sums[flag] += 1 }
            }
            if total.sums[flag] > 0 { isStopping = true }
            let mark = clock.now
            let row = try method.update(total, team: reduction.team)
            watchdog?.endStep()
            accounting.add(phase, before: before, after: reduction.times, update: (clock.now - mark).seconds)
            if isCoordinator { try record(row, of: method, phase: phase, share: share) }
            let leaving = isStopping && !method.isFinished
            if let checkpoints, checkpoints.isDueAfterStep() || leaving {
                try writeCheckpoint(of: resumable, named: name)
            }
            if leaving { return .stopped }
        }
        if keepingEnd, checkpoints != nil, let resumable { ended[name] = resumable.state() }
        return .finished
    }

    /// The same with the shards that the loop was made for: what a `MethodRunner` offers.
    public func run(
        _ method: any TrainingMethod, named name: String?, spanning share: ClosedRange<Double>, keepingEnd: Bool
    ) throws -> RunOutcome {
        try run(method, named: name, shards: nil, keepingEnd: keepingEnd, spanning: share)
    }

    public func holdsState(named name: String) -> Bool { handedOver[name] != nil }

    /// Writes a checkpoint now, of the part's methods that ended and of one that has not: for a caller that a signal
    /// stopped between two methods. Does nothing on other ranks.
    public func writeCheckpoint(of method: (any ResumableMethod)?, named name: String) throws {
        guard let checkpoints else { return }
        var states = ended
        if let method, let state = method.state() { states[name] = state }
        guard !states.isEmpty else { return }
        measure("copy checkpoints") {
            let said = headline.isEmpty ? "" : ", " + headline
            checkpoints.write(
                states, part: part.id, metricRows: rowsRecorded, progress: (part.title + said))
        }
    }

    /// The reduction over so many shards, made at its first use.
    private func reduction(shards: Int?) throws -> OrderedReduction {
        guard let shards, shards != reduction.tree.shards else { return reduction }
        if let known = others[shards] { return known }
        let new = try OrderedReduction(
            communicator: communicator, team: reduction.team, shards: shards, layout: layout)
        others[shards] = new
        return new
    }

    /// Bytes that this rank sent and received in reductions.
    public var bytesReduced: Int { others.values.reduce(reduction.times.bytes) { $0 + $1.times.bytes } }

    /// Does work that is not a step, and enters its time in the accounting as a phase of this name.
    public func measure<Result>(_ phase: String, _ work: () throws -> Result) rethrows -> Result {
        activity = described(phase)
        let mark = clock.now
        defer { accounting.add(phase, seconds: (clock.now - mark).seconds) }
        return try work()
    }

    private func record(
        _ row: MetricRow?, of method: any TrainingMethod, phase: String, share: ClosedRange<Double>
    ) throws {
        let mark = clock.now
        if let row {
            headline = row.headline
            try record(row)
        }
        let artifacts = method.takeArtifacts()
        for artifact in artifacts { try write(artifact) }
        if !artifacts.isEmpty { accounting.add("write files", seconds: (clock.now - mark).seconds) }
        let (low, length) = (part.range.lowerBound, part.range.upperBound - part.range.lowerBound)
        func ofPart(_ progress: Double) -> Double {
            length * (share.lowerBound + (share.upperBound - share.lowerBound) * progress)
        }
        if method.restored > 0 { restored.here = max(restored.here, ofPart(method.restored)) }
        onStep?(described(phase), headline, low + ofPart(method.progress), restored.before + restored.here)
    }

    private func write(_ artifact: Artifact) throws {
        switch output {
        case .result: try onArtifact?(artifact)
        case .resumable(let folder):
            guard checkpoints != nil else { return }
            let file = (artifact.path as NSString).lastPathComponent
            try onArtifact?(
                Artifact(path: folder + "/" + file, isPreparation: artifact.isPreparation, write: artifact.write))
        }
    }

    private func described(_ phase: String) -> String { part.title.isEmpty ? phase : "\(part.title): \(phase)" }
}
