import Core
import Dispatch
import Foundation

/// Notices a step that takes far longer than its kind usually does, and says which rank the others wait for.
///
///     let watchdog = Watchdog(rank: 2, ranks: 4, host: "node17", folder: "runs/nvtc/.ranks", limits: .init())
///     loop.watchdog = watchdog                                // knows when steps begin and end
///
/// ```text
/// lloyd: the step “lambda 256: training step” has taken 95 s; usually it takes 1.1 s.
///   Still computing: rank 2 (node17).
///   Waiting for other ranks: 3 of 4.
/// ```
///
/// A rank that waits cannot know for whom: messages say nothing of those that do not come. So each rank whose step is late
/// leaves a note in a folder that all share, and the lowest rank that did reads what the others left. A rank without a note
/// is not alive, or on a machine that is not.
public final class Watchdog: Sendable {
    /// When a step is late.
    public struct Limits: Sendable, Equatable {
        /// A step is late after `factor` times its usual duration and `seconds` more.
        public var factor = 10.0
        /// What is added to the multiple of the usual duration.
        public var seconds = 30.0
        /// After so many seconds in one step the job is ended, with exit code 1; nil for never.
        public var stall: Double?
        /// Ten times the usual duration and half a minute; the job is never ended.
        public init() {}
    }

    /// What a rank is doing within a step.
    enum Doing: String { case computing, waiting }

    private struct State {
        var activity = ""
        /// When the current step began; nil between steps.
        var began: ContinuousClock.Instant?
        /// Mean duration of each kind of step in seconds, and how many there were.
        var usual: [String: (seconds: Double, steps: Int)] = [:]
        var doing = Doing.computing
        /// How late the step was when it was last reported.
        var reported = 0.0
        var isOver = false
    }

    private let rank: Int
    private let ranks: Int
    private let host: String
    private let folder: String
    private let limits: Limits
    private let state = Locked(State())
    private let say: @Sendable (String) -> Void
    private let end: @Sendable () -> Void

    /// Starts to watch, on a thread of its own.
    /// - Parameters:
    ///   - host: what messages call this rank's machine.
    ///   - folder: for the notes; on a file system that all ranks see.
    ///   - say: prints a message; by default to standard error.
    ///   - end: ends the job.
    public init(
        rank: Int, ranks: Int, host: String, folder: String, limits: Limits,
        say: @escaping @Sendable (String) -> Void = { Terminal.say($0, terminator: "") },
        end: @escaping @Sendable () -> Void = { _exit(1) }
    ) {
        (self.rank, self.ranks, self.host, self.folder, self.limits) = (rank, ranks, host, folder, limits)
        (self.say, self.end) = (say, end)
        try? FileManager.default.removeItem(atPath: note(rank))
        let thread = Thread { [weak self] in
            while true {
                Thread.sleep(forTimeInterval: 0.2)
                guard let self, !self.state.withLock({ $0.isOver }) else { return }
                self.look()
            }
        }
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// No more steps follow; the notes are removed.
    public func finish() {
        state.withLock { $0.isOver = true }
        try? FileManager.default.removeItem(atPath: note(rank))
        guard rank == 0 else { return }
        // Also those of ranks that were killed.
        for other in 0..<ranks { unlink(note(other)) }
        rmdir(folder)
    }

    func beginStep(_ activity: String) {
        state.withLock {
            $0.activity = activity
            $0.began = .now
            $0.doing = .computing
        }
    }

    /// All shards of this rank are computed.
    func wait() { state.withLock { $0.doing = .waiting } }

    func endStep() {
        let wasLate = state.withLock { state in
            guard let began = state.began else { return false }
            let seconds = (ContinuousClock.now - began).seconds
            let before = state.usual[state.activity] ?? (0, 0)
            // The mean of the last hundred or so; the first steps of a kind count in full.
            let weight = 1 / Double(min(before.steps + 1, 100))
            state.usual[state.activity] = (before.seconds + (seconds - before.seconds) * weight, before.steps + 1)
            defer { (state.began, state.reported) = (nil, 0) }
            return state.reported > 0
        }
        if wasLate { try? FileManager.default.removeItem(atPath: note(rank)) }
    }

    // MARK: The watching thread

    private func note(_ rank: Int) -> String { folder + "/rank-\(rank)" }

    private func look() {
        let late: (seconds: Double, usual: Double, activity: String, doing: Doing)? = state.withLock { state in
            guard let began = state.began, let usual = state.usual[state.activity], usual.steps >= 3 else { return nil }
            let seconds = (ContinuousClock.now - began).seconds
            guard seconds > limits.factor * usual.seconds + limits.seconds, seconds > 2 * state.reported else {
                return nil
            }
            state.reported = seconds
            return (seconds, usual.seconds, state.activity, state.doing)
        }
        guard let late else {
            endIfStalled()
            return
        }
        try? OutputFile.makeFolder(folder)
        try? OutputFile.write(Data("\(late.doing.rawValue)\n\(host)".utf8), to: note(rank))
        // Ranks notice within moments of each other.
        Thread.sleep(forTimeInterval: min(2, 0.5 + limits.seconds / 10))
        guard state.withLock({ $0.began != nil && $0.reported > 0 }) else { return }
        var notes: [Int: (doing: Doing, host: String)] = [:]
        for other in 0..<ranks {
            guard let text = try? String(contentsOfFile: note(other), encoding: .utf8) else { continue }
            let lines = text.split(separator: "\n").map(String.init)
            notes[other] = (Doing(rawValue: lines.first ?? "") ?? .waiting, lines.last ?? "")
        }
        guard notes.keys.min() == rank else { return }
        say(Self.message(late.activity, seconds: late.seconds, usual: late.usual, ranks: ranks, notes: notes))
    }

    /// What the lowest rank that still answers says.
    private static func message(
        _ activity: String, seconds: Double, usual: Double, ranks: Int, notes: [Int: (doing: Doing, host: String)]
    ) -> String {
        var text = String(
            format: "lloyd: the step “%@” has taken %.0f s; usually it takes %.2g s.\n", activity, seconds, usual)
        let silent = (0..<ranks).filter { notes[$0] == nil }
        let busy = notes.filter { $0.value.doing == .computing }.sorted { $0.key < $1.key }
        func list(_ ranks: [String]) -> String {
            ranks.prefix(8).joined(separator: ", ") + (ranks.count > 8 ? " and \(ranks.count - 8) more" : "")
        }
        if !silent.isEmpty {
            text += "  No answer from rank \(list(silent.map { "\($0)" })): stopped, or its machine is not reachable.\n"
        }
        if !busy.isEmpty {
            text += "  Still computing: rank \(list(busy.map { "\($0.key) (\($0.value.host))" })).\n"
        }
        let waiting = notes.count - busy.count
        if waiting > 0 { text += "  Waiting for other ranks: \(waiting) of \(ranks).\n" }
        return text
    }

    private func endIfStalled() {
        guard let stall = limits.stall else { return }
        let stalled: (activity: String, seconds: Double)? = state.withLock { state in
            guard let began = state.began else { return nil }
            let seconds = (ContinuousClock.now - began).seconds
            return seconds > stall ? (state.activity, seconds) : nil
        }
        guard let stalled else { return }
        say(
            String(
                format: "rank %d of %d on %@: the step “%@” has taken %.0f s: ending the job (--stall-limit)\n", rank,
                ranks, host, stalled.activity, stalled.seconds))
        end()
    }
}
