import Foundation

extension InProcessCommunicator {
    /// Runs `body` on one thread per member and returns their results in rank order.
    ///
    /// Returns or throws only after every member has ended; a member that aborted stays parked and counts as ended.
    /// - Throws: the first error that any member threw; `JobAborted` if one called `abort`.
    @discardableResult
    public static func run<Result>(
        size: Int, _ body: @escaping (InProcessCommunicator) throws -> Result
    ) throws -> [Result] {
        let members = group(size: size)
        let shared = members[0].group
        let outcome = InProcessOutcome<Result>(size: size)
        for member in members {
            InProcessMember.start {
                do {
                    let result = try body(member)
                    shared.leave(rank: member.rank)
                    outcome.end(rank: member.rank, result)
                } catch {
                    shared.fail(rank: member.rank, error)
                    outcome.end(rank: member.rank, nil)
                }
            } whenParked: {
                outcome.end(rank: member.rank, nil)
            }
        }
        let results = outcome.waitForAll()
        if let failure = shared.firstFailure { throw failure.error }
        return results.compactMap { $0 }
    }
}

/// What the members of a run returned.
private final class InProcessOutcome<Result>: @unchecked Sendable {
    private let monitor = Monitor()
    private var results: [Result?]
    private var running: Int

    init(size: Int) {
        results = Array(repeating: nil, count: size)
        running = size
    }

    func end(rank: Int, _ result: Result?) {
        monitor.locked {
            results[rank] = result
            running -= 1
            monitor.wakeAll()
        }
    }

    func waitForAll() -> [Result?] {
        monitor.locked {
            while running > 0 { monitor.wait() }
            return results
        }
    }
}

/// The thread of one member.
final class InProcessMember: @unchecked Sendable {
    private let body: () -> Void
    private let whenParked: () -> Void

    private init(_ body: @escaping () -> Void, whenParked: @escaping () -> Void) {
        self.body = body
        self.whenParked = whenParked
    }

    /// Stack of a member's thread: what a process's main thread has.
    private static let stackBytes = 8 << 20
    private static let parkedHandlerKey = "lloyd.in-process.when-parked"

    static func start(_ body: @escaping () -> Void, whenParked: @escaping () -> Void) {
        let member = InProcessMember(body, whenParked: whenParked)
        let thread = Thread {
            Thread.current.threadDictionary[parkedHandlerKey] = member
            member.body()
        }
        thread.stackSize = stackBytes
        thread.start()
    }

    /// Stops the calling thread for good, as `abort` promises, without ending the process that runs the tests.
    static func park() -> Never {
        (Thread.current.threadDictionary[parkedHandlerKey] as? InProcessMember)?.whenParked()
        while true { sleep(1000) }
    }
}
