import Messaging

/// A config that cannot be used: which file, line and key, what is wrong, and what was expected.
struct ConfigError: Error, ExitCoded, CustomStringConvertible {
    var file: String
    var line: Int?
    var key: String?
    var problem: String
    var remedy: String

    var exitCode: Int32 { 2 }

    var description: String {
        let place = file + (line.map { ":\($0)" } ?? "")
        return "\(place): " + (key.map { "key `\($0)`: " } ?? "") + "\(problem)\n  Remedy: \(remedy)"
    }
}
