import MethodKit
import Reporting
import Training

/// Vector quantizers and transform coding on a toy source.
public struct ToyStudyMethod: Method {
    public static let name = "toy"
    public static let summary = "vector quantizers and transform coding on a toy source (section 3 of the NVTC paper)"
    static let own = ToyKeys()
    public static let keys: [any ConfigKey] = own.all + Keys.checkpoint.all + Keys.anchors.all

    private let settings: ToySettings
    private let config: Config

    public init(_ config: Config) throws {
        settings = try ToySettings(config)
        self.config = config
    }

    public func requireWork(forRanks ranks: Int) throws {
        if settings.methods.contains(.vq) {
            try MemoryBudget.require(
                bytes: MemoryBudget.product(4 * settings.dimension, settings.vq.samples / ranks + 1),
                key: Self.own.vqSamples.path, what: "the training samples of VQ")
        }
        guard settings.hasTransforms else { return }
        try config.requireMicroBatches(
            forRanks: ranks, batch: Self.own.batch, microBatch: Self.own.microBatch, items: "samples")
    }

    public func open(_ opening: DataOpening) throws -> ToyStudy { try ToyStudy(settings: settings) }

    public func describe(_ parts: FinishedParts<ToyRecord.Point>) -> String {
        Config.count(parts.all.count, "finished point")
    }

    public func run(_ run: RunContext<FinishedParts<ToyRecord.Point>>, _ study: ToyStudy) throws -> ToyRecord? {
        try study.run(run)
    }

    public func copies() throws -> [KeptCopy] {
        guard let curves = try Self.publishedCurves(config) else { return [] }
        return [KeptCopy(key: Keys.anchors.anchors, file: RunContents.anchorsFile, text: curves.json.prettyText)]
    }

    /// The published curves that `report.anchors` names, of the config's source only; nil if it names none.
    /// - Throws: `ConfigError` if there is no such file, `LloydError` if it cannot be read.
    package static func publishedCurves(_ config: Config) throws -> PublishedToyCurves? {
        guard let found = try config.findAnchors(example: "Configs/anchors/toy-sources.json") else { return nil }
        return try PublishedToyCurves(path: found).of(source: config[own.source], dimension: config[own.dimension])
    }

    public func planner(_ request: PlanRequest) throws -> any Planner {
        try ToyPlanner(config: config, baseBytes: request.baseBytes)
    }

    public static func check(_ record: ToyRecord, file: String) throws {
        try RunRecordCheck(file: file).check(record)
    }

    public static func report(_ run: FinishedRun<ToyRecord>, _ options: ReportOptions) throws -> MethodReport {
        let published = try options.anchors.map { try PublishedToyCurves(path: $0) } ?? run.run.publishedCurves()
        let report = ToyReport(run: run.run, record: run.record, published: published)
        return MethodReport(page: try report.page(), data: try report.data())
    }

    public static func compare(_ runs: [FinishedRun<ToyRecord>], _ options: ReportOptions) throws -> MethodComparison {
        let comparison = try ToyComparison(
            runs, published: try options.anchors.map { try PublishedToyCurves(path: $0) })
        var result = MethodComparison(data: comparison.data)
        result.sections = try comparison.sections()
        return result
    }
}

extension RunContents {
    /// Published curves to compare the run with; none if its config named none.
    /// - Throws: `LloydError` if the copy is damaged.
    func publishedCurves() throws -> PublishedToyCurves {
        try anchors.map { try PublishedToyCurves(path: $0) } ?? PublishedToyCurves(curves: [])
    }
}
