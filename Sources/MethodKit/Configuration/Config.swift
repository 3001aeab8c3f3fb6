import Core
import Datasets
import Foundation
import YAMLReading
import Yams

/// A config with every key resolved: from the file, from `--set`, or by default.
///
///     let config = try Config(file: "Configs/rrq-demo.yaml", settings: ["rrq.layers=10"], schema: schema)
///     config[Keys.general.seed]                               // a UInt64
///     config.yaml                                             // all keys, for the run folder
///
/// An unknown key, a wrong type or an impossible value is a `ConfigError` that names the file, the line and the key.
public struct Config {
    /// Where it was read from, for messages.
    public let file: String
    /// The keys there are.
    public let schema: Schema
    /// Every key of the schema, by its path.
    public private(set) var values: [String: ConfigValue] = [:]
    private var lines: [String: Int] = [:]

    /// - Parameters:
    ///   - file: path of a YAML file.
    ///   - settings: assignments `key=value` that go before the file's.
    ///   - schema: the keys there are.
    public init(file: String, settings: [String] = [], schema: Schema) throws {
        let text: String
        do {
            text = try YAMLText.read(file)
        } catch let error as LloydError {
            throw ConfigError(
                file: file, problem: error.problem,
                remedy: error.remedy + "; the configs that come with Lloyd are in Configs/")
        }
        try self.init(text: text, file: file, settings: settings, schema: schema)
        // The run folder's config.yaml must say the same as this one, or the run could not be resumed.
        let again = try? Config(text: yaml, file: "config.yaml", schema: schema)
        if let key = usedKeys.first(where: { again?.values[$0.path] != values[$0.path] }) {
            throw fault(
                key, "its value cannot be written so that it reads back the same", remedy: "give a simpler value")
        }
    }

    /// From the text of a YAML file.
    /// - Parameter file: what messages call it.
    /// - Throws: `ConfigError`.
    public init(text: String, file: String, settings: [String] = [], schema: Schema) throws {
        self.file = file
        self.schema = schema
        for key in schema.keys { values[key.path] = key.fallback }
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
            if let key = schema.key(path) {
                guard lines[path] == nil else {
                    throw ConfigError(
                        file: file, line: line, key: path, problem: "appears twice (first in line \(lines[path]!))",
                        remedy: "remove one of the two")
                }
                lines[path] = line ?? 0
                try set(key, node, line: node.mark?.line ?? line)
            } else if let inner = node.mapping, schema.keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
                try read(inner, prefix: path + ".")
            } else {
                throw unknown(path, line: line)
            }
        }
    }

    private func unknown(_ path: String, line: Int?) -> ConfigError {
        let hint = schema.suggestion(for: path).map { "did you mean `\($0)`? " } ?? ""
        return ConfigError(
            file: file, line: line, key: path, problem: "there is no such key",
            remedy: "\(hint)`lloyd keys` lists all of them")
    }

    private mutating func set(_ key: any ConfigKey, _ node: Node, line: Int?) throws {
        guard let value = key.kind.value(of: node) else {
            var hint = ""
            if case .choice(let names) = key.kind, let meant = node.string.flatMap({ Suggestion.among(names, for: $0) })
            {
                hint = "did you mean `\(meant)`? "
            }
            throw ConfigError(
                file: file, line: line, key: key.path, problem: "found \(key.kind.fault(of: node))",
                remedy: "\(hint)give \(key.kind.expectation)")
        }
        // Data are read whatever bytes their names are made of; other texts become names of files, or are printed.
        if case .text(let text) = value, key.namesData == nil, !FileName.isText(text) {
            throw ConfigError(
                file: file, line: line, key: key.path, problem: "`\(FileName.printable(text))` is not UTF-8",
                remedy: "give a text in UTF-8; a file or folder that exists can be given a link with such a name")
        }
        values[key.path] = value
    }

    private mutating func apply(_ setting: String) throws {
        let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw ConfigError(
                file: Self.source(setting), problem: "is not an assignment", remedy: "write --set key=value")
        }
        let source = Self.source(setting)
        guard let key = schema.key(parts[0]) else {
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

    /// What errors call a setting.
    private static func source(_ setting: String) -> String {
        let most = 200
        return "--set " + (setting.count > most ? setting.prefix(most) + "…" : setting)
    }

    /// The value of a setting: YAML, but for texts, which are taken as they are given, whatever they hold; only one that
    /// stands in quotation marks as a whole is a YAML text, and `null` or nothing is no value if a key may have none.
    private static func node(of text: String, for key: ConfigKey, _ source: String) throws -> Node {
        let isQuoted = text.count >= 2 && (text.first == "\"" || text.first == "'") && text.first == text.last
        if key.kind.isText {
            if isQuoted, let node = try? YAMLText.node(of: text), node.scalar != nil { return node }
            if case .optionalText = key.kind, ["null", "Null", "NULL", "~", ""].contains(text) {
                return Node("null", .implicit, .plain)
            }
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
        for key in schema.keys {
            let methods = schema.methods(using: key)
            guard !methods.isEmpty, !methods.contains(method.name), let line = lines[key.path] else { continue }
            throw ConfigError(
                file: file, line: line > 0 ? line : nil, key: key.path,
                problem: "has no effect with method `\(method.name)`",
                remedy: "remove it, or use method \(methods.joined(separator: " or "))")
        }
    }

    /// An error about a key's value that only shows together with other keys or the data.
    public func fault(_ key: any ConfigKey, _ problem: String, remedy: String) -> ConfigError {
        let line = lines[key.path].flatMap { $0 > 0 ? $0 : nil }
        return ConfigError(file: file, line: line, key: key.path, problem: problem, remedy: remedy)
    }

    /// The value of a key.
    /// - Precondition: the key is one of the schema's.
    public subscript<Value>(key: Key<Value>) -> Value {
        guard let value = values[key.path] else { preconditionFailure("no method of the list has `\(key.path)`") }
        return key.values.decode(value)
    }

    /// The method that the config names.
    public var method: any Method.Type {
        let name = self[schema.general.method]
        return schema.methods.first { $0.name == name }!
    }

    /// Seed of every random draw.
    public var seed: UInt64 { self[Keys.general.seed] }

    /// The settings that the method's keys fill.
    public func settings<Settings: ConfigurableSettings>(_ type: Settings.Type = Settings.self) -> Settings {
        var result = Settings()
        for key in method.keys { key.fill(&result, from: self) }
        return result
    }

    /// The same config with another value of a key.
    public func setting<Value>(_ key: Key<Value>, to value: Value) -> Config {
        var result = self
        result.values[key.path] = key.values.encode(value)
        return result
    }

    /// The keys that the config's method uses, in the schema's order.
    public var usedKeys: [any ConfigKey] {
        schema.keys.filter { key in
            let methods = schema.methods(using: key)
            return methods.isEmpty || methods.contains(method.name)
        }
    }

    /// All keys that are in use, as YAML: reading it gives the same config.
    public var yaml: String {
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
