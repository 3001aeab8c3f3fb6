import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Messaging

@Suite(.timeLimit(.minutes(10))) struct InProcessTests {
    struct Planned: Error, Equatable {}

    @Test(arguments: [1, 2, 3, 4, 7])
    func everyCheckPasses(size: Int) throws {
        try InProcessCommunicator.run(size: size) { world in
            for check in CommunicatorChecks.all { try check.run(world) }
        }
    }

    @Test func singleCommunicatorPassesEveryCheck() throws {
        for check in CommunicatorChecks.all { try check.run(SingleCommunicator()) }
    }

    @Test func resultsComeInRankOrder() throws {
        let results = try InProcessCommunicator.run(size: 4) { world in
            usleep(UInt32(4 - world.rank) * 2000)
            return world.rank
        }
        #expect(results == [0, 1, 2, 3])
    }

    @Test func aThrowingMemberFreesTheOthers() throws {
        let seen = Seen()
        #expect(throws: Planned.self) {
            try InProcessCommunicator.run(size: 3) { world in
                if world.rank == 1 { throw Planned() }
                do {
                    try world.barrier()
                } catch {
                    seen.add(error)
                    // Later calls throw as well.
                    do { _ = try world.allGather(value: Int32(1)) } catch { seen.add(error) }
                    throw error
                }
            }
        }
        let errors = seen.all.compactMap { $0 as? MessagingError }
        #expect(errors.count == 4)
        #expect(errors.allSatisfy { $0.reason.contains("member 1 failed") && $0.reason.contains("Planned") })
        #expect(Set(errors.map(\.rank)) == [0, 2])
    }

    @Test func aThrowingMemberEndsTransfersUnderWay() throws {
        let seen = Seen()
        let started = Event()
        #expect(throws: Planned.self) {
            try InProcessCommunicator.run(size: 2) { world in
                var memory = [Int32](repeating: 0, count: 2)
                try memory.withUnsafeMutableBufferPointer { buffer in
                    if world.rank == 1 {
                        started.wait()
                        throw Planned()
                    }
                    let transfer = try world.startAllGather(buffer, counts: [1, 1], offsets: [0, 1])
                    started.happen()
                    do { while try !transfer.test() { usleep(1000) } } catch {
                        seen.add(error)
                        throw error
                    }
                }
            }
        }
        #expect(seen.all.count == 1)
        #expect("\(seen.all)".contains("member 1 failed"))
    }

    @Test func anAbortFreesTheOthersAndKeepsItsCode() throws {
        let error = #expect(throws: JobAborted.self) {
            try InProcessCommunicator.run(size: 3) { world in
                if world.rank == 2 { world.abort(code: 75) }
                try world.barrier()
            }
        }
        #expect(error?.rank == 2)
        #expect(error?.exitCode == 75)
    }

    @Test func differentCallsAreNamed() throws {
        let error = #expect(throws: MessagingError.self) {
            try InProcessCommunicator.run(size: 2) { world in
                if world.rank == 0 { return try world.barrier() }
                _ = try world.allGather(value: Float(1))
            }
        }
        let reason = try #require(error).reason
        #expect(reason.contains("barrier"))
        #expect(reason.contains("allGather of float"))
        #expect(reason.contains("member 0") && reason.contains("member 1"))
    }

    @Test func differentSizesAreNamed() throws {
        let error = #expect(throws: MessagingError.self) {
            try InProcessCommunicator.run(size: 2) { world in
                var memory = [Double](repeating: 0, count: 10 + world.rank)
                try memory.withUnsafeMutableBufferPointer { try world.broadcast($0, root: 0) }
            }
        }
        let reason = try #require(error).reason
        #expect(reason.contains("broadcast of 10 double"))
        #expect(reason.contains("broadcast of 11 double"))
    }

    @Test func sharesThatDoNotMeetAreNamed() throws {
        let error = #expect(throws: MessagingError.self) {
            try InProcessCommunicator.run(size: 2) { world in
                let send = [Int32](repeating: 0, count: 4)
                var receive = send
                // Member 0 sends two elements to member 1, which expects one.
                let sends = world.rank == 0 ? [1, 2] : [1, 1]
                try send.withUnsafeBufferPointer { send in
                    try receive.withUnsafeMutableBufferPointer {
                        try world.allToAll(
                            send: send, sendCounts: sends, sendOffsets: [0, 1], receive: $0, receiveCounts: [1, 1],
                            receiveOffsets: [0, 1])
                    }
                }
            }
        }
        #expect(try #require(error).reason.contains("[1, 2]"))
    }

    @Test func aMemberThatReturnsEarlyIsNamed() throws {
        let error = #expect(throws: MessagingError.self) {
            try InProcessCommunicator.run(size: 2) { world in
                try world.barrier()
                if world.rank == 1 { return }
                try world.barrier()
            }
        }
        #expect(try #require(error).reason.contains("member 1 returned after 1 calls"))
    }

    @Test func aDroppedTransferIsAnError() throws {
        let dropped = Event()
        let error = #expect(throws: MessagingError.self) {
            try InProcessCommunicator.run(size: 2) { world in
                var memory = [Int32](repeating: 0, count: 2)
                if world.rank == 0 {
                    try memory.withUnsafeMutableBufferPointer {
                        _ = try world.startAllGather($0, counts: [1, 1], offsets: [0, 1])
                    }
                    dropped.happen()
                } else {
                    dropped.wait()
                }
                try world.barrier()
            }
        }
        #expect(try #require(error).reason.contains("dropped"))
    }

    @Test func theErrorThatDropsATransferComesFirst() throws {
        let started = Event()
        #expect(throws: Planned.self) {
            try InProcessCommunicator.run(size: 2) { world in
                var memory = [Int32](repeating: 0, count: 2)
                try memory.withUnsafeMutableBufferPointer { buffer in
                    if world.rank == 1 { started.wait() }
                    let transfer = try world.startAllGather(buffer, counts: [1, 1], offsets: [0, 1])
                    started.happen()
                    if world.rank == 0 { throw Planned() }
                    try transfer.wait()
                }
            }
        }
    }
}

/// Something that one member does and another waits for.
private final class Event: Sendable {
    private let happened = Atomic(false)
    func happen() { happened.store(true, ordering: .releasing) }
    func wait() { while !happened.load(ordering: .acquiring) { usleep(1000) } }
}

/// Errors that several threads saw.
final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var errors: [any Error] = []

    func add(_ error: any Error) { lock.withLock { errors.append(error) } }
    var all: [any Error] { lock.withLock { errors } }
}
