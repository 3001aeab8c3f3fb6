import Core
import Datasets
import Foundation
import YAMLReading
import Yams

/// A config with every key resolved: from the file, from `--set`, or by default.
///
///     let config = try Config(file: "Configs/rrq-demo.yaml", settings: ["rrq.layers=10"])
///     config.integer("rrq.layers")                            // 10
///     config.yaml                                             // all keys, for the run folder
///
/// An unknown key, a wrong type or an impossible value is a `ConfigError` that names the file, the line and the key.
struct Config {
    let file: String
    private(set) var values: [String: ConfigValue] = [:]
    private var lines: [String: Int] = [:]

    /// - Parameters:
    ///   - file: path of a YAML file.
    ///   - settings: assignments `key=value` that go before the file's.
    init(file: String, settings: [String] = []) throws {
        let text: String
        do {
            text = try YAMLText.read(file)
        } catch let error as LloydError {
            throw ConfigError(
                file: file, problem: error.problem,
                remedy: error.remedy + "; the configs that come with Lloyd are in Configs/")
        }
        try self.init(text: text, file: file, settings: settings)
        // The run folder's config.yaml must say the same as this one, or the run could not be resumed.
        let again = try? Config(text: yaml, file: "config.yaml")
        if let key = usedKeys.first(where: { again?.values[$0.path] != values[$0.path] }) {
            throw fault(
                key.path, "its value cannot be written so that it reads back the same", remedy: "give a simpler value")
        }
    }

    init(text: String, file: String, settings: [String] = []) throws {
        self.file = file
        for key in ConfigSchema.keys { values[key.path] = key.fallback }
        try read(text)
        for setting in settings { try apply(setting) }
        try rejectUnusedKeys()
    }

    private mutating func read(_ text: String) throws {
        let root: Node?
        do {
            root = try YAMLText.node(of: text)
        } catch let fault as YAMLText.Fault {
            throw ConfigError(file: file, line: fault.line, problem: fault.problem, remedy: fault.remedy)
        }
        guard let root, root.null == nil else { return }
        guard let mapping = root.mapping else {
            throw ConfigError(
                file: file, line: root.mark?.line, problem: "does not hold keys and values",
                remedy: "write lines like `method: rrq`")
        }
        try read(mapping, prefix: "")
    }

    private mutating func read(_ mapping: Node.Mapping, prefix: String) throws {
        for (name, node) in mapping {
            let line = name.mark?.line
            guard let text = name.string else {
                throw ConfigError(
                    file: file, line: line, problem: "a key is not a text", remedy: "write lines like `method: rrq`")
            }
            let path = prefix + text
            if let key = ConfigSchema.keys.first(where: { $0.path == path }) {
                guard lines[path] == nil else {
                    throw ConfigError(
                        file: file, line: line, key: path, problem: "appears twice (first in line \(lines[path]!))",
                        remedy: "remove one of the two")
                }
                lines[path] = line ?? 0
                try set(key, node, line: node.mark?.line ?? line)
            } else if let inner = node.mapping, ConfigSchema.keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
                try read(inner, prefix: path + ".")
            } else {
                throw unknown(path, line: line)
            }
        }
    }

    private func unknown(_ path: String, line: Int?) -> ConfigError {
        let hint = ConfigSchema.suggestion(for: path).map { "did you mean `\($0)`? " } ?? ""
        return ConfigError(
            file: file, line: line, key: path, problem: "there is no such key",
            remedy: "\(hint)`lloyd keys` lists all of them")
    }

    private mutating func set(_ key: ConfigKey, _ node: Node, line: Int?) throws {
        guard let value = key.kind.value(of: node) else {
            throw ConfigError(
                file: file, line: line, key: key.path, problem: "found \(key.kind.fault(of: node))",
                remedy: "give \(key.kind.expectation)")
        }
        values[key.path] = value
    }

    private mutating func apply(_ setting: String) throws {
        let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw ConfigError(
                file: "--set \(setting)", problem: "is not an assignment", remedy: "write --set key=value")
        }
        let source = "--set \(setting)"
        guard let key = ConfigSchema.keys.first(where: { $0.path == parts[0] }) else {
            var error = unknown(parts[0], line: nil)
            error.file = source
            throw error
        }
        let node = try Self.node(of: parts[1], for: key, source)
        do {
            try set(key, node, line: nil)
            lines[key.path] = lines[key.path] ?? 0
        } catch var error as ConfigError {
            error.file = source
            throw error
        }
    }

    /// The value of a setting: YAML, but for texts, which are taken as they are given, whatever they hold; only one that
    /// stands in quotation marks as a whole is a YAML text, and `null` or nothing is none where a key may have none.
    private static func node(of text: String, for key: ConfigKey, _ source: String) throws -> Node {
        let isQuoted = text.count >= 2 && (text.first == "\"" || text.first == "'") && text.first == text.last
        if key.kind.isText {
            if isQuoted, let node = try? YAMLText.node(of: text), node.scalar != nil { return node }
            if case .optionalText = key.kind, ["null", "Null", "NULL", "~", ""].contains(text) { return Node("null", .implicit, .plain) }
            return Node(text, Tag(.str))
        }
        do {
            return try YAMLText.node(of: text) ?? Node("")
        } catch let fault as YAMLText.Fault {
            throw ConfigError(
                file: source, key: key.path, problem: fault.problem, remedy: "give \(key.kind.expectation)")
        }
    }

    /// A key of another method would be silently without effect.
    private func rejectUnusedKeys() throws {
        let method = text("method")
        for key in ConfigSchema.keys where !key.methods.isEmpty && !key.methods.contains(method) {
            if let line = lines[key.path] {
                throw ConfigError(
                    file: file, line: line > 0 ? line : nil, key: key.path,
                    problem: "has no effect with method `\(method)`",
                    remedy: "remove it, or use method \(key.methods.joined(separator: " or "))")
            }
        }
    }

    /// An error about a key's value that only shows together with other keys or the data.
    func fault(_ path: String, _ problem: String, remedy: String) -> ConfigError {
        let line = lines[path].flatMap { $0 > 0 ? $0 : nil }
        return ConfigError(file: file, line: line, key: path, problem: problem, remedy: remedy)
    }

    // MARK: Typed access; asking for a key that the schema lacks is a programmer's error.

    func boolean(_ path: String) -> Bool { if case .boolean(let value)? = values[path] { value } else { bad(path) } }
    func integer(_ path: String) -> Int { if case .integer(let value)? = values[path] { value } else { bad(path) } }
    func real(_ path: String) -> Double { if case .real(let value)? = values[path] { value } else { bad(path) } }
    func text(_ path: String) -> String { if case .text(let value)? = values[path] { value } else { bad(path) } }
    func integers(_ path: String) -> [Int] { if case .integers(let value)? = values[path] { value } else { bad(path) } }
    func reals(_ path: String) -> [Double] { if case .reals(let value)? = values[path] { value } else { bad(path) } }

    func texts(_ path: String) -> [String] { if case .texts(let value)? = values[path] { value } else { bad(path) } }

    func optionalReal(_ path: String) -> Double? {
        switch values[path] {
        case .real(let value)?: value
        case ConfigValue.none?: nil
        default: bad(path)
        }
    }

    func optionalText(_ path: String) -> String? {
        switch values[path] {
        case .text(let value)?: value
        case ConfigValue.none?: nil
        default: bad(path)
        }
    }

    private func bad(_ path: String) -> Never { preconditionFailure("`\(path)` is no key of this type") }

    /// The same config with another value of a key.
    func setting(_ path: String, to value: ConfigValue) -> Config {
        var result = self
        result.values[path] = value
        return result
    }

    /// The keys that the config's method uses, in the schema's order.
    var usedKeys: [ConfigKey] {
        ConfigSchema.keys.filter { $0.methods.isEmpty || $0.methods.contains(text("method")) }
    }

    /// All keys that are in use, as YAML: reading it gives the same config.
    var yaml: String {
        var plain = ""
        // Keys of a section may lie apart in the schema; YAML names a section once.
        var sections: [(name: String, lines: String)] = []
        for key in usedKeys {
            let parts = key.path.split(separator: ".", maxSplits: 1).map(String.init)
            let line = "\(parts.last!): \(values[key.path]!.yaml)\n"
            if parts.count == 1 {
                plain += line
            } else if let index = sections.firstIndex(where: { $0.name == parts[0] }) {
                sections[index].lines += "  " + line
            } else {
                sections.append((parts[0], "  " + line))
            }
        }
        return plain + sections.map { "\($0.name):\n\($0.lines)" }.joined()
    }
}
