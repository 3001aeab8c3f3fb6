import ArgumentParser
import MethodKit
import Reporting

/// Nonlinear vector transform coding as a method of Lloyd's: `method: nvtc` in a config.
///
///     LloydProgram.main(methods: [NVTCMethod.self])
///
/// A run trains a model for each lambda and measures it on whole images. Its models code images (`lloyd encode`), and
/// are exported to the published implementation and imported from it.
public struct NVTCMethod: Method {
    public static let name = "nvtc"
    public static let summary = "an image codec by nonlinear vector transform coding (sections 4 and 5)"
    /// The keys that no other method has.
    static let own = NVTCKeys()
    public static let keys: [any ConfigKey] =
        Keys.data.all + own.all + Keys.checkpoint.all + Keys.pictures.all + Keys.anchors.all

    public static let coder: (any MethodCoder.Type)? = NVTCCoder.self
    public static let exporter: (any MethodExporter.Type)? = NVTCExporter.self
    public static let commands: [any ParsableCommand.Type] = [ImportCommand.self, ParityCommand.self]

    private let settings: NVTCSettings
    private let config: Config

    public init(_ config: Config) throws {
        settings = try NVTCSettings(config)
        self.config = config
    }

    public func requireWork(forRanks ranks: Int) throws {
        try config.requireMicroBatches(
            forRanks: ranks, batch: Self.own.batch, microBatch: Self.own.microBatch, items: "crops")
    }

    public func open(_ opening: DataOpening) throws -> NVTCStudy {
        let (data, validation) = (try NVTCImages.training(config, opening), try NVTCImages.validation(config, opening))
        return NVTCStudy(
            settings: settings, data: data.images, validation: validation.images,
            names: (data.name, validation.name))
    }

    public func describe(_ parts: FinishedParts<NVTCRecord.Point>) -> String {
        "\(parts.all.count) of \(settings.lambdas.count) models"
    }

    public func run(_ run: RunContext<FinishedParts<NVTCRecord.Point>>, _ study: NVTCStudy) throws -> NVTCRecord? {
        try study.run(run)
    }

    public func copies() throws -> [KeptCopy] {
        guard let found = try config.findAnchors(example: "Configs/anchors/kodak.json") else { return [] }
        let text = try PublishedCodecs(path: found).json.prettyText
        return [KeptCopy(key: Keys.anchors.anchors, file: RunContents.anchorsFile, text: text)]
    }

    public func planner(_ request: PlanRequest) throws -> any Planner {
        try NVTCPlanner(config: config, baseBytes: request.baseBytes)
    }

    public static func check(_ record: NVTCRecord, file: String) throws {
        try NVTCRecordCheck(record, file: file).run()
    }

    public static func report(_ run: FinishedRun<NVTCRecord>, _ options: ReportOptions) throws -> MethodReport {
        var record = run.record
        if !options.pictures { record.pictures = nil }
        let published = try options.anchors.map { try PublishedCodecs(path: $0) } ?? run.run.publishedCodecs()
        let report = try NVTCReport(run: run.run, record: record, published: published)
        return MethodReport(page: try report.page(), data: try report.data())
    }

    public static func compare(_ runs: [FinishedRun<NVTCRecord>], _ options: ReportOptions) throws -> MethodComparison {
        try NVTCComparison(runs, published: try options.anchors.map { try PublishedCodecs(path: $0) }).comparison
    }
}

extension RunContents {
    /// Published image codecs to compare the run with; without curves if its config named none.
    /// - Throws: `LloydError` if the copy is damaged.
    func publishedCodecs() throws -> PublishedCodecs {
        try anchors.map { try PublishedCodecs(path: $0) } ?? PublishedCodecs(curves: [])
    }
}
