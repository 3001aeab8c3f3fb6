import Core
import Datasets
import Foundation
import Stepping

/// Writes a run's checkpoints when they are due, in the background. Only the coordinator has one.
///
///     let writer = try CheckpointWriter(
///         runFolder: "runs/nvtc", schedule: .init(steps: 1000, minutes: 10), after: found.checkpoint)
///     loop.checkpoints = writer                               // asks after every step
///     try writer.finish()                                     // waits for the last one
///
/// A state is copied between two steps; checksum, write and sync happen on a thread of their own while training continues.
/// The next checkpoint waits for the one before. One that cannot be written, such as to a disk that is full for a moment,
/// leads to a warning; training continues, and the next is tried when it is due.
public final class CheckpointWriter {
    /// When checkpoints are due, and how many stay.
    public struct Schedule: Sendable, Equatable {
        /// After so many steps, at least 1; nil for no such rule.
        public var steps: Int?
        /// After so many minutes, at the end of the step; nil for no such rule.
        public var minutes: Double?
        /// So many of the newest stay; older ones are removed when a new one is whole. At least 2, so that one remains if the
        /// newest is damaged later.
        public var kept: Int

        /// Both rules may hold at once: what comes first counts.
        /// - Precondition: `kept` is at least 2.
        public init(steps: Int? = nil, minutes: Double? = 10, kept: Int = 2) {
            precondition(kept >= 2)
            self.steps = steps
            self.minutes = minutes
            self.kept = kept
        }
    }

    private let folder: String
    private let schedule: Schedule
    private var serial: Int
    private var steps = 0
    private var last = ContinuousClock.now
    private let work = DispatchQueue(label: "checkpoints")
    private let group = DispatchGroup()
    /// The checkpoint that could not be written last, and why.
    private let failed = Locked<(checkpoint: Checkpoint, reason: any Error)?>(nil)
    /// Whether that reason was passed to `onWarning`.
    private var isTold = false
    /// Whether a whole checkpoint of this run is on disk.
    private let hasWhole: Locked<Bool>
    /// Called before each checkpoint is written: makes sure that what it counts on, such as rows of metrics, is on disk. If it
    /// throws, the checkpoint is not written.
    public var beforeWriting: () throws -> Void = {}
    /// Called with the reason why a checkpoint could not be written.
    public var onWarning: (String) -> Void = { _ in }

    /// Prepares the folder: half-written checkpoints of a killed process are removed, and files that are newer than `after`,
    /// which are damaged or count on what is lost, are set aside under another name.
    /// - Parameters:
    ///   - runFolder: the folder of the run, not of its checkpoints.
    ///   - after: the checkpoint from which the run continues; nil for none.
    /// - Throws: `LloydError.file` if the folder cannot be made or changed.
    public init(runFolder: String, schedule: Schedule, after: Checkpoint?) throws {
        folder = runFolder + "/" + Checkpoint.folderName
        self.schedule = schedule
        serial = after?.serial ?? 0
        hasWhole = Locked(after != nil)
        try RunFiles.makeFolder(folder)
        for name in try RunFiles.entries(folder) where Self.isHalfWritten(name) {
            if try RunFiles.kind(folder + "/" + name) == .file { try RunFiles.remove(folder + "/" + name) }
        }
        for other in try Checkpoint.serials(in: folder) where other > serial {
            let name = Checkpoint.fileName(other)
            var number = 1
            while try RunFiles.kind("\(folder)/\(name).aside-\(number)") != .none { number += 1 }
            try RunFiles.move("\(folder)/\(name)", "\(folder)/\(name).aside-\(number)")
        }
    }

    /// Names of files in a run folder that a writer makes.
    public static let names = [
        Checkpoint.folderName + "/" + Checkpoint.fileName(1),
        Checkpoint.folderName + "/" + Checkpoint.fileName(1) + ".aside-1",
    ]

    private static func isHalfWritten(_ name: String) -> Bool {
        guard case .marked(let whole)? = HalfWritten.form(of: name) else { return HalfWritten.isName(name) }
        return whole.hasPrefix("checkpoint-") && whole.hasSuffix(".safetensors")
    }

    /// Counts a step.
    /// - Returns: whether a checkpoint is due after it.
    func isDueAfterStep() -> Bool {
        tell()
        steps += 1
        if let every = schedule.steps, steps >= every { return true }
        if let minutes = schedule.minutes { return (ContinuousClock.now - last).seconds >= 60 * minutes }
        return false
    }

    /// Starts to write a checkpoint with the next number.
    func write(_ states: [String: TrainingState], part: String, metricRows: Int, progress: String) {
        group.wait()
        tell()
        (steps, last) = (0, .now)
        serial += 1
        let checkpoint = Checkpoint(
            serial: serial, part: part, metricRows: metricRows, states: states, progress: progress)
        do { try beforeWriting() } catch {
            fail(checkpoint, error)
            return
        }
        // The one before is superseded, and its failure was reported.
        failed.withLock { $0 = nil }
        isTold = false
        work.async(group: group) { [self] in store(checkpoint) }
    }

    private func store(_ checkpoint: Checkpoint) {
        do {
            try checkpoint.write(to: folder)
            failed.withLock { $0 = nil }
            hasWhole.withLock { $0 = true }
            for old in try Checkpoint.serials(in: folder).dropLast(schedule.kept) {
                try? RunFiles.remove(folder + "/" + Checkpoint.fileName(old))
            }
        } catch { failed.withLock { $0 = (checkpoint, error) } }
    }

    private func fail(_ checkpoint: Checkpoint, _ reason: any Error) {
        failed.withLock { $0 = (checkpoint, reason) }
        isTold = false
        tell()
    }

    /// Says once why the last checkpoint is not there.
    private func tell() {
        guard !isTold, let failed = failed.withLock({ $0 }) else { return }
        isTold = true
        onWarning(
            "checkpoint \(failed.checkpoint.serial) could not be written; training continues, and the next one is "
                + "tried when it is due: \(failed.reason)")
    }

    /// Waits until everything is on disk; what failed is tried once more.
    /// - Parameter isStopping: whether the run ends here without being finished.
    /// - Throws: what went wrong, when the run is stopped and has no whole checkpoint to continue from.
    public func finish(isStopping: Bool = true) throws {
        group.wait()
        guard isStopping, let again = failed.withLock({ $0 }) else { return }
        tell()
        do { try beforeWriting() } catch {
            if !hasWhole.withLock({ $0 }) { throw error }
            return
        }
        store(again.checkpoint)
        guard let failed = failed.withLock({ $0 }), !hasWhole.withLock({ $0 }) else { return }
        throw LloydError.file(
            path: folder, problem: "the run was stopped and no checkpoint could be written: \(failed.reason)",
            remedy: "make room or repair the folder; --resume continues from what was finished before")
    }
}
