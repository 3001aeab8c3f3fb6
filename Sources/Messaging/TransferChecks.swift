/// Finds what is wrong with the arguments of a collective call before any memory is touched or any message sent.
///
///     let problem = TransferChecks.segments(
///         counts: [2, 3], offsets: [0, 2], length: 4, size: 2, of: "the buffer")
///     // "the segment of rank 1, 2..<5, lies outside the buffer of 4 elements"
///     // nil if every segment lies inside the buffer
enum TransferChecks {
    /// What is wrong with one segment per member, or nil.
    static func segments(counts: [Int], offsets: [Int], length: Int, size: Int, of buffer: String) -> String? {
        guard counts.count == size, offsets.count == size else {
            return "\(size) members need \(size) counts and offsets for \(buffer), "
                + "not \(counts.count) and \(offsets.count)"
        }
        for member in 0..<size {
            let (count, offset) = (counts[member], offsets[member])
            if count < 0 || offset < 0 {
                return "the segment of rank \(member) in \(buffer) has count \(count) and offset \(offset); "
                    + "neither can be negative"
            }
            let (end, overflow) = offset.addingReportingOverflow(count)
            if overflow || end > length {
                return "the segment of rank \(member), \(offset)..<\(overflow ? "beyond Int.max" : String(end)), "
                    + "lies outside \(buffer) of \(length) elements"
            }
        }
        return nil
    }

    /// What is wrong with the arguments of an all-to-all exchange on member `rank`, or nil.
    static func exchange<Element>(
        rank: Int, size: Int, send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) -> String? {
        let problem =
            segments(counts: sendCounts, offsets: sendOffsets, length: send.count, size: size, of: "the send buffer")
            ?? segments(
                counts: receiveCounts, offsets: receiveOffsets, length: receive.count, size: size,
                of: "the receive buffer")
        if let problem { return problem }
        if sendCounts[rank] != receiveCounts[rank] {
            return "rank \(rank) sends itself \(sendCounts[rank]) elements but expects \(receiveCounts[rank])"
        }
        if let source = send.baseAddress, let destination = receive.baseAddress,
            source < UnsafePointer(destination + receive.count), UnsafePointer(destination) < source + send.count
        {
            return "the send buffer and the receive buffer overlap"
        }
        return nil
    }

    /// What is wrong with a root, or nil.
    static func root(_ root: Int, size: Int) -> String? {
        (0..<size).contains(root) ? nil : "the root, \(root), is not a rank of this group, 0..<\(size)"
    }
}

extension TransferType {
    /// Bytes of one element.
    var stride: Int {
        switch self {
        case .byte: 1
        case .int32, .float: 4
        case .int64, .double: 8
        }
    }
}
