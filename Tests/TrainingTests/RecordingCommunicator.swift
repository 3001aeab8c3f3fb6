import Core
import Foundation
import Messaging
import Synchronization

/// Writes down which calls a member makes, in what order, among other things that happen, and on which thread.
final class RecordingCommunicator: Communicator {
    enum Event: Equatable, Sendable {
        case barrier, broadcast, allToAll, allGather
        /// Something else that happens on this member.
        case note(String)
    }

    let inner: InProcessCommunicator
    private let home = pthread_self()
    private let log = Locked<[Event]>([])
    private let strange = Atomic<Int>(0)

    /// To be made on the thread that is to make all calls.
    init(_ inner: InProcessCommunicator) { self.inner = inner }

    var rank: Int { inner.rank }
    var size: Int { inner.size }
    var hostName: String { inner.hostName }

    var events: [Event] { log.withLock { $0 } }
    /// Calls made on other threads.
    var callsElsewhere: Int { strange.load(ordering: .relaxed) }

    func note(_ text: String) { log.withLock { $0.append(.note(text)) } }

    private func record(_ event: Event) {
        if pthread_equal(pthread_self(), home) == 0 { strange.add(1, ordering: .relaxed) }
        log.withLock { $0.append(event) }
    }

    func barrier() throws {
        record(.barrier)
        try inner.barrier()
    }

    func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
        record(.broadcast)
        try inner.broadcast(buffer, root: root)
    }

    func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        record(.allGather)
        return try inner.startAllGather(buffer, counts: counts, offsets: offsets)
    }

    func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer {
        record(.allToAll)
        return try inner.startAllToAll(
            send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: receive,
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)
    }

    func split(group: Int) throws -> any Communicator { try inner.split(group: group) }

    func abort(code: Int32) -> Never { inner.abort(code: code) }
}
