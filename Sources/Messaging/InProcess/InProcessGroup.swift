/// What the members of an in-process communicator share: the calls under way and the first failure.
///
///     let group = InProcessGroup(size: 2)
///     let exchange = try group.post(.barrier, rank: 0)          // member 0 arrives
///     try group.wait(for: exchange, rank: 0)                    // until member 1 has posted the same
///     group.fail(rank: 0, error)                                // every pending and later call throws
///
/// Calls are matched by number: the n-th call of one member meets the n-th call of every other. The last member to
/// arrive moves the bytes of all, under the lock.
final class InProcessGroup: @unchecked Sendable {
    /// One collective call under way.
    final class Exchange {
        let number: Int
        let name: String
        fileprivate var postings: [InProcessPosting?]
        fileprivate var arrived = 0
        fileprivate var isDone = false

        fileprivate init(number: Int, name: String, size: Int) {
            self.number = number
            self.name = name
            postings = Array(repeating: nil, count: size)
        }
    }

    /// Why the group ended.
    struct Failure {
        let rank: Int
        let error: any Error
        /// Whether a transfer was dropped under way: an error that made its owner leave is the better explanation, if there
        /// is one.
        var isDroppedTransfer = false
    }

    let size: Int
    private let monitor = Monitor()
    private var exchanges: [Int: Exchange] = [:]
    private var calls: [Int]
    private var hasLeft: [Bool]
    private var failure: Failure?
    /// Groups that this one was split into: a member that fails or leaves here does so there, too.
    private var parts: [PartKey: (group: InProcessGroup, members: [Int])] = [:]

    private struct PartKey: Hashable {
        var split: Int
        var members: [Int]
    }

    init(size: Int) {
        self.size = size
        calls = Array(repeating: 0, count: size)
        hasLeft = Array(repeating: false, count: size)
    }

    /// The group of these members that the n-th split makes: the same for all of them.
    func part(split: Int, of members: [Int]) -> InProcessGroup {
        monitor.locked {
            let key = PartKey(split: split, members: members)
            if let known = parts[key] { return known.group }
            let part = InProcessGroup(size: members.count)
            parts[key] = (part, members)
            if let failure { part.fail(rank: members.firstIndex(of: failure.rank) ?? -1, failure.error) }
            return part
        }
    }

    /// Files a member's call; carries it out when all members have made it.
    func post(_ posting: InProcessPosting, rank: Int) throws -> Exchange {
        try monitor.locked {
            try throwFailure(call: posting.kind.rawValue, rank: rank)
            let number = calls[rank]
            calls[rank] += 1
            let exchange =
                exchanges[number] ?? Exchange(number: number, name: posting.kind.rawValue, size: size)
            exchanges[number] = exchange
            for (other, earlier) in exchange.postings.enumerated() {
                guard let earlier, !posting.agrees(rank: rank, with: earlier, rank: other) else { continue }
                let error = MessagingError(
                    call: posting.kind.rawValue, rank: rank, host: HostName.current,
                    reason: "call \(number + 1) does not match: member \(other) called \(earlier.description), "
                        + "member \(rank) called \(posting.description)")
                failLocked(Failure(rank: rank, error: error))
                throw error
            }
            exchange.postings[rank] = posting
            exchange.arrived += 1
            if exchange.arrived == size {
                InProcessPosting.perform(exchange.postings)
                exchange.postings = []
                exchange.isDone = true
                exchanges[number] = nil
                monitor.wakeAll()
            } else if let gone = hasLeft.indices.first(where: { hasLeft[$0] && exchange.postings[$0] == nil }) {
                failLocked(leftEarly(gone, exchange, waiting: rank))
                try throwFailure(call: posting.kind.rawValue, rank: rank)
            }
            return exchange
        }
    }

    func isDone(_ exchange: Exchange, rank: Int) throws -> Bool {
        try monitor.locked {
            if !exchange.isDone { try throwFailure(call: exchange.name, rank: rank) }
            return exchange.isDone
        }
    }

    func wait(for exchange: Exchange, rank: Int) throws {
        try monitor.locked {
            while !exchange.isDone {
                try throwFailure(call: exchange.name, rank: rank)
                monitor.wait()
            }
        }
    }

    /// A member dropped a call under way: its buffers may be gone, so the call can never be carried out.
    func drop(_ exchange: Exchange, rank: Int) {
        monitor.locked {
            guard !exchange.isDone else { return }
            let error = MessagingError(
                call: exchange.name, rank: rank, host: HostName.current,
                reason: "the transfer was dropped before it completed; wait for every transfer before dropping it")
            failLocked(Failure(rank: rank, error: error, isDroppedTransfer: true))
        }
    }

    /// A member will make no more calls.
    func leave(rank: Int) {
        monitor.locked {
            hasLeft[rank] = true
            for part in parts.values {
                if let index = part.members.firstIndex(of: rank) { part.group.leave(rank: index) }
            }
            let pending = exchanges.values.min { $0.number < $1.number }
            guard failure == nil, let pending, pending.postings[rank] == nil else { return }
            let waiting = pending.postings.firstIndex { $0 != nil } ?? rank
            failLocked(leftEarly(rank, pending, waiting: waiting))
        }
    }

    /// Ends the group: every pending and later call of its members throws.
    func fail(rank: Int, _ error: any Error) {
        monitor.locked {
            if let failure, failure.isDroppedTransfer, failure.rank == rank, !(error is MessagingError) {
                self.failure = nil
            }
            failLocked(Failure(rank: rank, error: error))
            for part in parts.values { part.group.fail(rank: part.members.firstIndex(of: rank) ?? -1, error) }
        }
    }

    /// The first failure of any member.
    var firstFailure: Failure? { monitor.locked { failure } }

    private func failLocked(_ newFailure: Failure) {
        if failure == nil { failure = newFailure }
        monitor.wakeAll()
    }

    private func leftEarly(_ gone: Int, _ exchange: Exchange, waiting: Int) -> Failure {
        let call = exchange.postings[waiting]?.description ?? exchange.name
        return Failure(
            rank: gone,
            error: MessagingError(
                call: exchange.name, rank: waiting, host: HostName.current,
                reason: "member \(gone) returned after \(calls[gone]) calls, but member \(waiting) called "
                    + "\(call) as its call \(exchange.number + 1)"))
    }

    private func throwFailure(call: String, rank: Int) throws {
        guard let failure else { return }
        if failure.rank == rank, let own = failure.error as? MessagingError { throw own }
        throw MessagingError(
            call: call, rank: rank, host: HostName.current, reason: "member \(failure.rank) failed: \(failure.error)")
    }
}
