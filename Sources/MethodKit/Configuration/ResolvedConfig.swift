import Foundation
import Yams

/// The config of a finished run, as its record holds it: data, not text.
///
///     run.config[Keys.general.title]                          // "Faces"
///     run.config.text("rrq.layers")                           // "100", for tables
public struct ResolvedConfig: Equatable, Sendable {
    /// Paths of its keys, in order.
    public let keys: [String]
    private let values: [String: ConfigValue]

    /// Of a record: its keys come in the order of the alphabet.
    public init(_ values: [String: ConfigValue]) {
        keys = values.keys.sorted()
        self.values = values.mapValues(\.normalized)
    }

    /// Of a config.yaml, for runs whose records hold no config.
    /// - Throws: `YamlError` for what is not YAML.
    public init(yaml: String) throws {
        var keys: [String] = []
        var values: [String: ConfigValue] = [:]
        func read(_ mapping: Node.Mapping, _ prefix: String) {
            for (name, node) in mapping {
                let path = prefix + (name.string ?? "")
                if let inner = node.mapping {
                    read(inner, path + ".")
                } else {
                    keys.append(path)
                    values[path] = ConfigValue(untyped: node).normalized
                }
            }
        }
        if let mapping = try compose(yaml: yaml)?.mapping { read(mapping, "") }
        self.keys = keys
        self.values = values
    }

    /// The value of a key; nil if the run has none that fits.
    public subscript<Value>(key: Key<Value>) -> Value? {
        values[key.path]?.coerced(to: key.kind).map(key.values.decode)
    }

    /// A value for people, as YAML writes it; nil if there is no such key.
    public func text(_ path: String) -> String? { values[path]?.yaml }
}

extension ConfigValue {
    /// The value that a node without a declared kind looks like.
    fileprivate init(untyped node: Node) {
        if let nodes = node.sequence {
            let values = nodes.map { ConfigValue(untyped: $0).normalized }
            let numbers = values.compactMap { value -> Double? in
                switch value {
                case .integer(let number): Double(number)
                case .real(let number): number
                default: nil
                }
            }
            self = numbers.count == values.count ? .reals(numbers) : .texts(nodes.map { $0.string ?? "" })
        } else if node.null != nil {
            self = .none
        } else if let value = node.bool {
            self = .boolean(value)
        } else if let value = node.int {
            self = .integer(value)
        } else if let value = node.float {
            self = .real(value)
        } else {
            self = .text(node.string ?? "")
        }
    }

    /// Whole numbers as integers: JSON does not tell 10 from 10.0.
    fileprivate var normalized: ConfigValue {
        func whole(_ value: Double) -> Int? { Int(exactly: value) }
        switch self {
        case .real(let value): return whole(value).map { .integer($0) } ?? self
        case .reals(let values):
            let integers = values.compactMap(whole)
            return integers.count == values.count ? .integers(integers) : self
        case .texts(let values): return values.isEmpty ? .integers([]) : self
        default: return self
        }
    }

    /// The same value as a key of this kind holds it; nil if it does not fit.
    fileprivate func coerced(to kind: ConfigKind) -> ConfigValue? {
        switch (kind, self) {
        case (.boolean, .boolean), (.integer, .integer), (.real, .real), (.positive, .real), (.optionalPositive, .real),
            (.text, .text), (.optionalText, .text), (.choice, .text), (.integers, .integers), (.reals, .reals),
            (.positives, .reals), (.choices, .texts), (.optionalText, .none), (.optionalPositive, .none):
            return self
        case (.real, .integer(let value)), (.positive, .integer(let value)), (.optionalPositive, .integer(let value)):
            return .real(Double(value))
        case (.reals, .integers(let values)), (.positives, .integers(let values)):
            return .reals(values.map(Double.init))
        case (.choices, .integers([])): return .texts([])
        case (.text, .integer), (.text, .real), (.text, .boolean), (.optionalText, .integer), (.optionalText, .real):
            return .text(yaml)
        default: return nil
        }
    }
}
