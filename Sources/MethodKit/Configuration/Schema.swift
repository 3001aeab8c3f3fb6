/// All keys there are: those of every run, and those of the methods in a list.
///
///     let schema = Schema([RRQMethod.self, NVTCMethod.self])
///     schema.keys.map(\.path)                                 // "method", "title", ..., each once
///     schema.methods(using: key)                              // the methods that have it
public struct Schema {
    /// In the order of the list; the first is the default.
    public let methods: [any Method.Type]
    /// Keys that every run has, whatever its method.
    public let general: GeneralKeys
    /// Every key once, general ones first, then in the order of methods and of their declarations.
    public let keys: [any ConfigKey]
    private let users: [String: [String]]

    /// - Precondition: at least one method; no two of one name; no key declared twice in different ways.
    public init(_ methods: [any Method.Type]) {
        precondition(!methods.isEmpty && Set(methods.map { $0.name }).count == methods.count, "methods of one name")
        self.methods = methods
        general = GeneralKeys(methods)
        var keys = general.all
        var users: [String: [String]] = [:]
        for method in methods {
            for key in method.keys {
                if let known = keys.first(where: { $0.path == key.path }) {
                    precondition(
                        users[key.path] != nil && known.meaning == key.meaning, "`\(key.path)` is declared twice")
                } else {
                    keys.append(key)
                }
                users[key.path, default: []].append(method.name)
            }
        }
        self.keys = keys
        self.users = users
    }

    /// The names of the methods that use a key; empty for a key of every run.
    public func methods(using key: any ConfigKey) -> [String] { users[key.path] ?? [] }

    /// The method of that name.
    /// - Throws: `UnknownMethod` for a name that is not in the list.
    public func method(_ name: String) throws -> any Method.Type {
        guard let method = methods.first(where: { $0.name == name }) else {
            throw UnknownMethod(name: name, known: methods.map { $0.name })
        }
        return method
    }

    func key(_ path: String) -> (any ConfigKey)? { keys.first { $0.path == path } }

    /// The key most like `path`, for "did you mean".
    func suggestion(for path: String) -> String? { Suggestion.among(keys.map(\.path), for: path) }
}

/// A name that no method of the list has.
public struct UnknownMethod: Error, Equatable {
    /// As it was written.
    public var name: String
    /// The names there are.
    public var known: [String]

    /// What is wrong, for people.
    public var problem: String { "there is no method `\(name)`" }

    /// What to do about it.
    public var remedy: String {
        let hint = Suggestion.among(known, for: name).map { "did you mean `\($0)`? " } ?? ""
        return "\(hint)this program has \(known.joined(separator: ", "))"
    }
}

/// Keys that every run has.
public struct GeneralKeys: KeyGroup {
    /// The key `method`.
    public let method: Key<String>
    /// The key `title`.
    public let title = Key("title", .text, default: "Lloyd run", "Heading of the report.")
    /// The key `seed`.
    public let seed = Key("seed", .seed, default: 1, "Seed of every random draw.")
    /// The key `shards`.
    public let shards = Key(
        "shards", .integer(1...65536), default: 64,
        "Pieces the data are cut into; at most so many ranks can take part. Part of the result: another number gives "
            + "other roundings.")

    public init() { self.init([]) }

    init(_ methods: [any Method.Type]) {
        method = Key(
            "method", .choice(methods.map { $0.name }), default: methods.first?.name ?? "",
            "What is trained: " + Self.list(methods.map { "`\($0.name)`, \($0.summary)" }) + ".")
    }

    /// "a; b; or c"
    private static func list(_ items: [String]) -> String {
        items.enumerated().map { index, item in index > 0 && index == items.count - 1 ? "or " + item : item }
            .joined(separator: "; ")
    }
}
