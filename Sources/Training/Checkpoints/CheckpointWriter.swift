import Datasets
import Foundation
import Synchronization

/// Writes a run's checkpoints when they are due, behind the training: the coordinator's alone.
///
///     let writer = try CheckpointWriter(runFolder: "runs/nvtc", schedule: .init(steps: 1000, minutes: 10), after: found)
///     loop.checkpoints = writer                               // asks after every step
///     try writer.finish()                                     // waits for the last one
///
/// A state is copied between two steps; checksum, write and sync happen on a thread of their own while training goes on.
/// The next checkpoint waits for the one before. An error, such as a full disk, is thrown by the next call.
public final class CheckpointWriter {
    /// When checkpoints are due, and how many stay.
    public struct Schedule: Sendable, Equatable {
        /// After so many steps; nil for no such rule.
        public var steps: Int?
        /// After so many minutes, at the end of the step; nil for no such rule.
        public var minutes: Double?
        /// The newest so many stay; older ones are removed when a new one is whole. At least 2, so that one remains
        /// should the newest be damaged later.
        public var kept: Int

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
    private let failure = Mutex<(any Error)?>(nil)

    /// Prepares the folder; what a killed process left half written is removed.
    /// - Parameter after: the checkpoint that the run goes on from; later, damaged ones give way.
    /// - Throws: `TrainingError.file` where the folder cannot be made.
    public init(runFolder: String, schedule: Schedule, after: Checkpoint?) throws {
        folder = runFolder + "/" + Checkpoint.folderName
        self.schedule = schedule
        serial = after?.serial ?? 0
        do {
            let manager = FileManager.default
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try AtomicFile.removeHalfWritten(below: folder)
            for other in Checkpoint.serials(in: folder) where other > serial {
                try manager.removeItem(atPath: folder + "/" + Checkpoint.fileName(other))
            }
        } catch {
            throw TrainingError.file(
                path: folder, problem: (error as NSError).localizedDescription,
                remedy: "check that the run folder may be written to")
        }
    }

    /// Takes note of a step.
    /// - Returns: whether a checkpoint is due after it.
    /// - Throws: what went wrong with the last one.
    func isDueAfterStep() throws -> Bool {
        if let failure = failure.withLock({ $0 }) { throw failure }
        steps += 1
        if let every = schedule.steps, steps >= every { return true }
        if let minutes = schedule.minutes { return (ContinuousClock.now - last).seconds >= 60 * minutes }
        return false
    }

    /// Starts to write a checkpoint with the next number.
    /// - Throws: what went wrong with the one before.
    func write(_ states: [String: TrainingState], part: String, metricRows: Int, progress: String) throws {
        try finish()
        (steps, last) = (0, .now)
        serial += 1
        let checkpoint = Checkpoint(
            serial: serial, part: part, metricRows: metricRows, states: states, progress: progress)
        let (folder, kept) = (folder, schedule.kept)
        work.async(group: group) { [self] in
            do {
                try checkpoint.write(to: folder)
                for old in Checkpoint.serials(in: folder).dropLast(kept) {
                    try? FileManager.default.removeItem(atPath: folder + "/" + Checkpoint.fileName(old))
                }
            } catch { failure.withLock { $0 = error } }
        }
    }

    /// Waits until everything is on disk.
    /// - Throws: what went wrong.
    public func finish() throws {
        group.wait()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Removes all checkpoints of a run, when what they led to is finished.
    public static func remove(runFolder: String) throws {
        let folder = runFolder + "/" + Checkpoint.folderName
        guard FileManager.default.fileExists(atPath: folder) else { return }
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            throw TrainingError.file(
                path: folder, problem: (error as NSError).localizedDescription, remedy: "remove it by hand")
        }
    }
}
