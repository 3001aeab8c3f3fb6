import Messaging

/// A config that cannot be used: which file, line and key, what is wrong, and what was expected.
public struct ConfigError: Error, ExitCoded, CustomStringConvertible {
    public var file: String
    public var line: Int?
    public var key: String?
    public var problem: String
    public var remedy: String

    public init(file: String, line: Int? = nil, key: String? = nil, problem: String, remedy: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
        self.remedy = remedy
    }

    public var exitCode: Int32 { 2 }

    public var description: String {
        let place = file + (line.map { ":\($0)" } ?? "")
        return "\(place): " + (key.map { "key `\($0)`: " } ?? "") + "\(problem)\n  Remedy: \(remedy)"
    }
}
