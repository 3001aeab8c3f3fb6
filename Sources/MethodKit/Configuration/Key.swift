import Foundation

/// One key of a config, declared once: its path, the values it takes, its default, its meaning, and the setting it fills.
/// Parsing, the resolved config, the table at the start of a run, `lloyd keys` and Configs/README all follow from it.
///
///     let layers = Key("rrq.layers", .integer(1...100_000), "L, the number of layers.", into: \RRQRecipe.Settings.training.layers)
///     config[layers]                                          // an Int
///
/// If a key fills a setting, its default is the setting's own: it is written once.
public struct Key<Value>: ConfigKey {
    public let path: String
    /// The values that it takes.
    public let values: Values<Value>
    /// The default.
    public let initial: Value
    public let meaning: String
    public let isPartOfResult: Bool
    public let namesData: ((Config) -> Bool)?
    private let target: AnyKeyPath?

    /// A key that no setting is filled from by itself: whoever needs it asks the config for it.
    /// - Parameter namesData: for a path of data, whether a run of this config reads them: the data count, not the path.
    public init(
        _ path: String, _ values: Values<Value>, default initial: Value, _ meaning: String, isPartOfResult: Bool = true,
        namesData: ((Config) -> Bool)? = nil
    ) {
        self.namesData = namesData
        self.path = path
        self.values = values
        self.initial = initial
        self.meaning = meaning
        self.isPartOfResult = isPartOfResult
        target = nil
    }

    /// A key that fills a setting, whose default is the key's.
    public init<Settings: ConfigurableSettings>(
        _ path: String, _ values: Values<Value>, _ meaning: String, into target: WritableKeyPath<Settings, Value>,
        isPartOfResult: Bool = true
    ) {
        self.path = path
        self.values = values
        initial = Settings()[keyPath: target]
        namesData = nil
        self.meaning = meaning
        self.isPartOfResult = isPartOfResult
        self.target = target
    }

    public var kind: ConfigKind { values.kind }
    public var fallback: ConfigValue { values.encode(initial) }
    public var description: String { path }

    public func fill<Settings>(_ settings: inout Settings, from config: Config) {
        guard let target = target as? WritableKeyPath<Settings, Value> else { return }
        settings[keyPath: target] = config[self]
    }
}

/// A key whatever the type of its values. Its description is its path, so that messages can name it.
public protocol ConfigKey: CustomStringConvertible {
    /// Section and name, such as `rrq.layers`.
    var path: String { get }
    var kind: ConfigKind { get }
    var fallback: ConfigValue { get }
    /// For people, in a sentence or two.
    var meaning: String { get }
    /// Whether another value gives another result; a run may be resumed with another value of a key that is not.
    var isPartOfResult: Bool { get }
    /// For a path of data, whether a run of this config reads them: the data count, not the path. Nil for other keys.
    var namesData: ((Config) -> Bool)? { get }

    /// Sets what the key fills of these settings; nothing if it fills others.
    func fill<Settings>(_ settings: inout Settings, from config: Config)
}

/// Settings that keys can fill: they have a default for everything.
public protocol ConfigurableSettings {
    init()
}

/// Keys that belong together: a struct whose properties are keys.
///
///     struct StudyKeys: KeyGroup {
///         let trials = Key("study.trials", .integer(1...10_000), "Trials.", into: \CodebookStudy.Settings.trials)
///     }
///     StudyKeys().all                                         // every key, in the order of declaration
public protocol KeyGroup {
    init()
}

extension KeyGroup {
    /// Every key of the group, in the order in which they are declared.
    public var all: [any ConfigKey] { Mirror(reflecting: self).children.compactMap { $0.value as? any ConfigKey } }
}
