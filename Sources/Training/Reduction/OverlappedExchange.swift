import Messaging

/// Sends parts of the vector on their way over the ranks as soon as this rank's shards have finished them, while its
/// threads still compute the other parts.
///
///     overlap.begin(parts)
///     statistics.following = .init(exchange: overlap, shard: shard, worker: worker)
///     statistics.finish(rowsFrom: 1000)       // on any thread: marks parts; on worker 0: starts what is complete
///     let waited = try overlap.finish()       // when all shards are mapped
///
/// All ranks start the same messages in the same order, whatever becomes complete when: two parts' partial sums, the
/// gathering of the first, the third's partial sums, the gathering of the second, and so on. Only worker 0, the thread
/// that called `OrderedReduction.sum`, sends and receives. Messages advance only while somebody asks after them: each of
/// that thread's calls does, and none of them waits before `finish`.
final class OverlappedExchange: @unchecked Sendable {
    /// Parts on their way to those who add them. More would take more memory and delay the first gathering; with fewer
    /// nothing would travel while a part is added.
    private static let window = 2

    /// Seconds spent in `advance`, within the time that shards are mapped.
    private(set) var seconds = 0.0

    private let accumulator: LocalAccumulator
    private let transport: PieceTransport
    private let buffers = (0..<window).map { _ in
        PieceTransport.Buffers(send: PieceTransport.GrowingBuffer(), receive: PieceTransport.GrowingBuffer())
    }
    private let clock = ContinuousClock()
    private var parts = VectorParts(whole: StatisticsLayout())
    /// The pieces that travel: all parts but an empty last one.
    private var pieces: [PieceTransport.Piece] = []
    private var partials: [Statistics] = []
    private var arriving: [(any Transfer)?] = Array(repeating: nil, count: window)
    private var gathering: [(any Transfer)?] = []
    /// Pieces whose partial sums were sent, were added, and were gathered.
    private var (started, added, gathered) = (0, 0, 0)
    private var failure: (any Error)?

    init(accumulator: LocalAccumulator, transport: PieceTransport) {
        self.accumulator = accumulator
        self.transport = transport
    }

    /// Whether the step has sent anything, or failed to: other ranks count on what comes next in the order.
    var hasStarted: Bool { started > 0 || failure != nil }

    /// Before a step's shards are mapped.
    func begin(_ parts: VectorParts) {
        if parts != self.parts {
            self.parts = parts
            pieces = (0..<parts.count).map(parts.bytes).filter { !$0.isEmpty }
                .map { transport.piece(transport.evenSegments(of: $0)) }
        }
        (started, added, gathered) = (0, 0, 0)
    }

    /// Takes note that a shard's rows from `row` on are final: what `Statistics.finish` does.
    func finish(_ statistics: Statistics, rowsFrom row: Int) {
        guard let following = statistics.following else { return }
        var part = following.nextPart
        while !parts.hasSums(part), parts.rows(of: part).lowerBound >= row {
            accumulator.complete(part, ofShard: following.shard, statistics)
            part += 1
        }
        statistics.following!.nextPart = part
        if following.worker == 0 { advance() }
    }

    /// Starts what is complete on this rank, adds what has arrived, and moves on what is under way, without waiting. Only
    /// for worker 0. An error is kept for `throwFailure` and `finish`.
    func advance() {
        guard failure == nil else { return }
        let mark = clock.now
        do {
            while try takeNextStep() {}
            for place in added..<started { _ = try arriving[place % Self.window]!.test() }
            while gathered < gathering.count, try gathering[gathered]?.test() ?? true { gathered += 1 }
        } catch { failure = error }
        seconds += (clock.now - mark).seconds
    }

    func throwFailure() throws { if let failure { throw failure } }

    /// Completes everything, after all shards of this rank.
    /// - Returns: seconds spent waiting for partial sums of other ranks.
    func finish() throws -> Double {
        try throwFailure()
        var waited = 0.0
        while added < pieces.count {
            if isNextAStart {
                try start()
            } else {
                let mark = clock.now
                try arriving[added % Self.window]!.wait()
                waited += (clock.now - mark).seconds
                try add()
            }
        }
        for place in gathered..<gathering.count { try gathering[place]?.wait() }
        forget()
        return waited
    }

    /// Gives up after a failure. What other ranks or MPI may still read or write stays allocated for good: the job ends,
    /// and until it has, nothing else may get this memory.
    func abandon() {
        _ = Unmanaged.passRetained(MemoryInUse(partials + [accumulator] as [AnyObject], buffers))
        forget()
    }

    // MARK: The fixed order

    private var isNextAStart: Bool { started < pieces.count && started - added < Self.window }

    /// Does what comes next in the order that all ranks follow, if it can be done without waiting.
    private func takeNextStep() throws -> Bool {
        if isNextAStart {
            guard accumulator.isComplete(started) else { return false }
            try start()
        } else {
            guard added < started, try arriving[added % Self.window]!.test() else { return false }
            try add()
        }
        return true
    }

    private func start() throws {
        // A partial sum's parts all lie in the same statistics.
        if started == 0 { partials = accumulator.partials() }
        let slot = started % Self.window
        arriving[slot] = try transport.start(pieces[started], partials, buffers[slot])
        started += 1
    }

    private func add() throws {
        let slot = added % Self.window
        arriving[slot] = nil
        transport.add(pieces[added], partials, buffers[slot])
        gathering.append(try transport.startGather(pieces[added], partials[0]))
        added += 1
    }

    /// Lets go of transfers and statistics, of which the communicator takes note if they are under way.
    private func forget() {
        for slot in arriving.indices { arriving[slot] = nil }
        gathering.removeAll(keepingCapacity: true)
        partials.removeAll(keepingCapacity: true)
    }
}

/// Keeps alive what a message under way may use.
final class MemoryInUse {
    private let objects: [AnyObject]
    private let buffers: [PieceTransport.Buffers]

    init(_ objects: [AnyObject], _ buffers: [PieceTransport.Buffers] = []) {
        self.objects = objects
        self.buffers = buffers
    }
}
