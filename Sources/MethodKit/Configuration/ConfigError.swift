import Core
import Messaging

/// A config that cannot be used: which file, line and key, what is wrong, and what was expected.
public struct ConfigError: Error, ExitCoded, CustomStringConvertible {
    /// The file, or the `--set` that is at fault.
    public var file: String
    /// Counted from 1.
    public var line: Int?
    /// The path of the key, such as `rrq.layers`.
    public var key: String?
    /// What is wrong, without a full stop.
    public var problem: String
    /// What the user can do, as an order.
    public var remedy: String

    public init(file: String, line: Int? = nil, key: String? = nil, problem: String, remedy: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
        self.remedy = remedy
    }

    /// 2: bad usage.
    public var exitCode: Int32 { 2 }

    public var description: String {
        let origin = file + (line.map { ":\($0)" } ?? "")
        let text = "\(origin): " + (key.map { "key `\($0)`: " } ?? "") + "\(problem)\n  Remedy: \(remedy)"
        return PrintableText.escaped(text, keeping: "\n")
    }
}
