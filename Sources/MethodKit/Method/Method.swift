import ArgumentParser

/// A way of training: what a config may call `method`, and all that differs from method to method.
///
/// ```text
/// struct ProductQuantizer: Method { ... }                 // in a folder of its own
/// LloydProgram.main(methods: [ProductQuantizer.self])     // one line names it
/// ```
///
/// An instance is what a config asks for. It is made before anything is opened, so that faults of the config come first;
/// `open` then finds the data, before anything in the run folder is changed; `run` trains, on every rank alike.
public protocol Method {
    /// The data and whatever else is opened before the run folder is touched.
    associatedtype Input = Void
    /// What an interrupted run has finished.
    associatedtype Parts: FinishedWork = NoParts
    /// What a finished run knows about itself: record.json in the run folder, the source of its report.
    associatedtype Record: Codable

    /// What `method` is in a config, such as `rrq`.
    static var name: String { get }
    /// What it trains, in a few words that continue "`NAME`, ...".
    static var summary: String { get }
    /// The keys that it uses: shared groups and its own.
    static var keys: [any ConfigKey] { get }
    /// Files of its runs by which a run folder is known that was made before run folders were marked.
    static var filesBeforeMarkers: [String] { get }

    /// - Throws: `ConfigError` for keys that do not fit together.
    init(_ config: Config) throws

    /// Whether every rank would have something to do beyond its shards.
    /// - Throws: `ConfigError` for more ranks than can share a step.
    func requireWork(forRanks ranks: Int) throws
    /// Files that the config names and the run keeps a copy of, so that its config can be trained again anywhere.
    func copies() throws -> [KeptCopy]
    /// Opens the data.
    func open(_ opening: DataOpening) throws -> Input
    /// How far a run had come that has left these parts, in a few words.
    func describe(_ parts: Parts) -> String
    /// Trains, and measures. Called on every rank alike.
    /// - Returns: the record, complete on the coordinator; nil when a signal stopped the run.
    func run(_ run: RunContext<Parts>, _ input: Input) throws -> Record?

    /// What its runs take, before one is launched.
    func planner(_ request: PlanRequest) throws -> any Planner

    /// Refuses a record that a report cannot be made of.
    /// - Parameter file: what errors call it.
    static func check(_ record: Record, file: String) throws
    /// The report of a finished run.
    static func report(_ run: FinishedRun<Record>, _ options: ReportOptions) throws -> MethodReport
    /// Several finished runs side by side.
    static func compare(_ runs: [FinishedRun<Record>], _ options: ReportOptions) throws -> MethodComparison

    /// What it adds to the help of commands: examples above all.
    static var help: [MethodHelp] { get }
    /// What codes images with its models; nil for a method that codes none.
    static var coder: (any MethodCoder.Type)? { get }
    /// What hands its results to other programs; nil for none.
    static var exporter: (any MethodExporter.Type)? { get }
    /// Commands of its own, beside those that every method has.
    static var commands: [any ParsableCommand.Type] { get }
}

extension Method {
    public static var filesBeforeMarkers: [String] { [] }
    public static var help: [MethodHelp] { [] }
    public static var coder: (any MethodCoder.Type)? { nil }
    public static var exporter: (any MethodExporter.Type)? { nil }
    public static var commands: [any ParsableCommand.Type] { [] }
    public func requireWork(forRanks ranks: Int) throws {}
    public func copies() throws -> [KeptCopy] { [] }
    public func describe(_ parts: Parts) -> String { Config.count(parts.counts.first ?? 0, "finished part") }
}

extension Method where Input == Void {
    public func open(_ opening: DataOpening) throws {}
}

/// A file that a config names and the run folder holds a copy of.
public struct KeptCopy {
    /// The key that names it; the run's own config names the copy.
    public var key: Key<String?>
    /// Its name in the run folder.
    public var file: String
    /// What the copy holds.
    public var text: String

    public init(key: Key<String?>, file: String, text: String) {
        self.key = key
        self.file = file
        self.text = text
    }
}
