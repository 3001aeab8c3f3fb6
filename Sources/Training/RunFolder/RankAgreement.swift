import Datasets
import Messaging

/// What all ranks must have in common before they train together: a rank with other data or another config would lead to a
/// report of something that was never asked for.
///
///     try RankAgreement.require(["rrq.layers": "20", "data.path": "620 files, 81 MB, 3fa9"], over: world)
///
/// ```text
/// rank 2 on node17: differs from the coordinator in `data.path` ...
/// ```
public enum RankAgreement {
    /// Compares what each rank has with what the coordinator has. Every rank must call it.
    /// - Parameter values: by key, what must be the same.
    /// - Throws: on every rank, `RunFolderRefusal` that names the lowest rank that differs, its host and what differs;
    ///   `MessagingError`.
    public static func require(_ values: [String: String], over communicator: any Communicator) throws {
        let keys = values.keys.sorted()
        let text = keys.map { "\($0)\t\(values[$0]!)" }.joined(separator: "\n")
        var hash = Fingerprint()
        hash.add(text)
        let all = try communicator.allGather(value: Int64(bitPattern: hash.value))
        guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
        let coordinators = try read(broadcast(text, from: 0, over: communicator))
        let others = try read(broadcast(text, from: other, over: communicator))
        let host = try broadcast(communicator.hostName, from: other, over: communicator)
        let first = Set(coordinators.keys).union(others.keys).sorted().first { coordinators[$0] != others[$0] } ?? ""
        func said(_ values: [String: String]) -> String { values[first] ?? "nothing" }
        throw RunFolderRefusal(
            path: "rank \(other) on \(host)",
            problem: "differs from the coordinator in `\(first)`: \(said(others)) there, \(said(coordinators)) here",
            remedy: "give all ranks the same config and the same data; nothing was trained or changed")
    }

    private static func read(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        return values
    }

    private static func broadcast(_ text: String, from root: Int, over communicator: any Communicator) throws -> String
    {
        var bytes = Array(text.utf8)
        var length = [Int64(bytes.count)]
        try length.withUnsafeMutableBufferPointer { try communicator.broadcast($0, root: root) }
        if communicator.rank != root { bytes = Array(repeating: 0, count: Int(length[0])) }
        try bytes.withUnsafeMutableBufferPointer { try communicator.broadcast($0, root: root) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
