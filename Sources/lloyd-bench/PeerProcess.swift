import Foundation

/// Another implementation in a process of its own, which works when told to: one line in, one line of JSON out.
///
/// ```text
/// let peer = try PeerProcess(python: "python3", script: path, arguments: [data], environment: [:])
/// let answer = try peer.ask("faiss")                    // {"seconds": 0.12, ...}
/// ```
final class PeerProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffered = Data()

    /// Starts the script with this environment's variables, changed as `environment` says (nil removes one).
    init(python: String, script: String, arguments: [String], environment changes: [String: String?]) throws {
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in changes {
            if let value { environment[name] = value } else { environment.removeValue(forKey: name) }
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, script] + arguments
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// PyTorch's turn: the script on one thread; nil if the peer is 'none' or lacks a package, which is then printed.
    static func torch(_ python: String, script: String, arguments: [String]) throws -> PeerProcess? {
        guard python != "none" else { return nil }
        let process = try PeerProcess(
            python: python, script: script, arguments: arguments,
            environment: ["OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"])
        guard let missing = try process.ask("names")["missing"] as? String else { return process }
        print(missing)
        return nil
    }

    /// Sends a line and waits for the answer, an object.
    func ask(_ line: String) throws -> [String: Any] {
        guard process.isRunning else { throw Failure(description: "the peer's process has ended") }
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
        while !buffered.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw Failure(description: "the peer's process ended without an answer to '\(line)'")
            }
            buffered.append(more)
        }
        let end = buffered.firstIndex(of: UInt8(ascii: "\n"))!
        let answer = Data(buffered[..<end])
        buffered = Data(buffered[(end + 1)...])
        guard let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any] else {
            throw Failure(description: "the peer answered \(String(decoding: answer, as: UTF8.self))")
        }
        if let message = object["error"] as? String { throw Failure(description: message) }
        return object
    }

    func finish() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
