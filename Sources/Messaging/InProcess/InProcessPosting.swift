import Foundation

/// What one member of an in-process group passed to a collective call.
///
///     let first = InProcessPosting.barrier
///     let second = InProcessPosting(kind: .broadcast, type: .float, root: 0, buffer: memory, length: 10)
///     second.agrees(rank: 1, with: first, rank: 0)      // false
///     // postings that agree are carried out by `InProcessPosting.perform`
struct InProcessPosting {
    enum Kind: String { case barrier, broadcast, allGather, allToAll }

    var kind: Kind
    var type: TransferType = .byte
    var root = 0
    /// What arrives; for `broadcast` and `allGather` also what is sent.
    var buffer: UnsafeMutableRawPointer?
    var length = 0
    var counts: [Int] = []
    var offsets: [Int] = []
    var send: UnsafeRawPointer?
    var sendCounts: [Int] = []
    var sendOffsets: [Int] = []

    static var barrier: InProcessPosting { InProcessPosting(kind: .barrier) }

    /// The call in words.
    var description: String {
        switch kind {
        case .barrier: "barrier"
        case .broadcast: "broadcast of \(length) \(type) from root \(root)"
        case .allGather: "allGather of \(type) with counts \(counts) at \(offsets)"
        case .allToAll: "allToAll of \(type), sending \(sendCounts) and expecting \(counts)"
        }
    }

    /// Whether `self` by member `rank` and `other` by member `otherRank` can be the same call.
    func agrees(rank: Int, with other: InProcessPosting, rank otherRank: Int) -> Bool {
        guard kind == other.kind, type == other.type else { return false }
        switch kind {
        case .barrier: return true
        case .broadcast: return root == other.root && length == other.length
        case .allGather: return counts == other.counts && offsets == other.offsets
        case .allToAll:
            return sendCounts[otherRank] == other.counts[rank] && other.sendCounts[rank] == counts[otherRank]
        }
    }

    /// Moves the bytes of a call that all members have made and that agree.
    static func perform(_ postings: [InProcessPosting?]) {
        let members = postings.compactMap { $0 }
        guard let first = members.first else { return }
        let stride = first.type.stride
        switch first.kind {
        case .barrier: break
        case .broadcast:
            for (rank, member) in members.enumerated() where rank != first.root {
                copy(members[first.root].buffer, 0, to: member.buffer, 0, bytes: first.length * stride)
            }
        case .allGather:
            for (rank, member) in members.enumerated() {
                for (other, source) in members.enumerated() where other != rank {
                    let offset = first.offsets[other] * stride
                    copy(source.buffer, offset, to: member.buffer, offset, bytes: first.counts[other] * stride)
                }
            }
        case .allToAll:
            for (rank, member) in members.enumerated() {
                for (other, source) in members.enumerated() {
                    copy(
                        source.send, source.sendOffsets[rank] * stride, to: member.buffer,
                        member.offsets[other] * stride, bytes: member.counts[other] * stride)
                }
            }
        }
    }

    private static func copy(
        _ source: UnsafeRawPointer?, _ sourceOffset: Int, to destination: UnsafeMutableRawPointer?, _ offset: Int,
        bytes: Int
    ) {
        guard bytes > 0, let source, let destination else { return }
        memmove(destination + offset, source + sourceOffset, bytes)
    }

    private static func copy(
        _ source: UnsafeMutableRawPointer?, _ sourceOffset: Int, to destination: UnsafeMutableRawPointer?,
        _ offset: Int,
        bytes: Int
    ) {
        copy(UnsafeRawPointer(source), sourceOffset, to: destination, offset, bytes: bytes)
    }
}
