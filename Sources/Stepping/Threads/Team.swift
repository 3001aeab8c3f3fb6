import Core
import Foundation
import Synchronization

/// The threads of one rank: shards are taken from a common counter, so a slow shard delays only its own thread.
///
///     let team = Team(threads: 2)
///     try team.forEach(count: 64) { shard, worker in
///         try work(shard, scratches[worker])                 // worker is in 0..<team.threads
///     }
///
/// Which thread runs which item is left open; nothing that reaches a result may depend on it. The calling thread works
/// too, as worker 0, so a team of one has no threads of its own. The others sleep between calls.
public final class Team: @unchecked Sendable {
    /// Threads of the team, the calling one included.
    public let threads: Int
    private let shared = Shared()

    /// What the threads see of the team: they must not keep the team itself, or it would never end.
    private final class Shared: @unchecked Sendable {
        /// Seconds between calls of what the caller does while it waits: short against a shard, and almost no work.
        static let pause = 0.0005

        let condition = NSCondition()
        var generation = 0
        var busy = 0
        var stopping = false
        var work: ((Int) -> Void)?

        /// The life of one thread: waits for work until the team ends.
        func serve(as worker: Int) {
            var seen = 0
            while true {
                condition.lock()
                while generation == seen, !stopping { condition.wait() }
                if stopping {
                    condition.unlock()
                    return
                }
                seen = generation
                condition.unlock()
                perform(worker)
                condition.lock()
                busy -= 1
                if busy == 0 { condition.broadcast() }
                condition.unlock()
            }
        }

        /// Does a thread's share, and holds the work no longer than that: it lives on the caller's stack.
        @inline(never) private func perform(_ worker: Int) { condition.withLock { work }?(worker) }

        /// Calls `body` with every worker's number, 0 on the calling thread, and returns when all are done.
        func run(workers: Int, whileWaiting: (() -> Void)?, _ body: @escaping (Int) -> Void) {
            condition.lock()
            work = body
            busy = workers - 1
            generation += 1
            condition.broadcast()
            condition.unlock()
            body(0)
            condition.lock()
            while busy > 0 {
                guard let whileWaiting else {
                    condition.wait()
                    continue
                }
                condition.unlock()
                whileWaiting()
                condition.lock()
                if busy > 0 { _ = condition.wait(until: Date(timeIntervalSinceNow: Shared.pause)) }
            }
            work = nil
            condition.unlock()
        }
    }

    /// Starts the threads.
    /// - Parameter threads: threads of the team, at least 1, the calling one included.
    public init(threads: Int) {
        precondition(threads >= 1)
        self.threads = threads
        for worker in 1..<max(threads, 1) where threads > 1 {
            let thread = Thread { [shared] in shared.serve(as: worker) }
            thread.name = "lloyd worker \(worker)"
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    deinit { stop() }

    /// Ends the team's threads. Called by `deinit`; a team must not be used afterwards.
    public func stop() {
        shared.condition.lock()
        shared.stopping = true
        shared.condition.broadcast()
        shared.condition.unlock()
    }

    /// Calls `body(item, worker)` once for every item in 0..<count, on all threads of the team, and returns when all
    /// are done.
    /// - Parameters:
    ///   - whileWaiting: called repeatedly on the calling thread while only other threads still have items.
    ///   - body: called on several threads at once; `worker` is in 0..<threads.
    /// - Throws: the error of the lowest item that failed; items after a failure may be left out.
    public func forEach(
        count: Int, whileWaiting: (() -> Void)? = nil, _ body: (_ item: Int, _ worker: Int) throws -> Void
    ) throws {
        let next = Atomic<Int>(0)
        let failure = Locked<(item: Int, error: any Error)?>(nil)
        func loop(_ worker: Int) {
            while true {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < count else { return }
                do {
                    try body(item, worker)
                } catch {
                    let boxed = UncheckedError(error: error)
                    failure.withLock { if item < $0?.item ?? .max { $0 = (item, boxed.error) } }
                    next.store(count, ordering: .relaxed)
                    return
                }
            }
        }
        if threads == 1 || count <= 1 {
            loop(0)
        } else {
            withoutActuallyEscaping(loop) { shared.run(workers: threads, whileWaiting: whileWaiting, $0) }
        }
        if let error = failure.withLock({ $0?.error }) { throw error }
    }
}

private struct UncheckedError: @unchecked Sendable {
    let error: any Error
}
