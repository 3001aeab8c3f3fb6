import Foundation

/// record.json: what a finished run knows about itself, with its method and the config that its result depends on.
///
///     RecordFile(record, RRQMethod.name, config)              // {"config": {"rrq.layers": 20, ...}, "layers": [...], ...}
public enum RunRecord {
    /// Its name in the run folder.
    public static let fileName = "record.json"
}

/// A method's record as its file holds it: the record's own fields, the method's name, and the resolved config as data.
public struct RecordFile<Record: Encodable>: Encodable {
    private let record: Record
    private let method: String
    private let config: [String: ConfigValue]

    public init(_ record: Record, _ method: String, _ config: Config) {
        self.record = record
        self.method = method
        let keys = config.usedKeys.filter(\.isPartOfResult).map(\.path)
        self.config = config.values.filter { keys.contains($0.key) }
    }

    private enum CodingKeys: String, CodingKey { case method, config }

    public func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(method, forKey: .method)
        try container.encode(config, forKey: .config)
    }
}

extension ConfigValue: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .none: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .real(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .integers(let values): try container.encode(values)
        case .reals(let values): try container.encode(values)
        case .texts(let values): try container.encode(values)
        }
    }

    /// JSON does not tell 10 from 10.0: whole numbers become integers.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .real(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let values = try? container.decode([Int].self) {
            self = .integers(values)
        } else if let values = try? container.decode([Double].self) {
            self = .reals(values)
        } else {
            self = .texts(try container.decode([String].self))
        }
    }
}
