import ArgumentParser
import Datasets
import MethodKit

/// Residual quantization with regularized codebooks.
public struct RRQMethod: Method {
    public static let name = "rrq"
    public static let summary = "layers of codebooks on data"
    static let own = RRQKeys()
    public static let keys: [any ConfigKey] = Keys.vectors + own.all + Keys.checkpoint.all + Keys.pictures.all
    public static let filesBeforeMarkers = [TransformFile.name, CodebookFile.name(layer: 1)]

    public static let commands: [any ParsableCommand.Type] = [Quantize.self, Dequantize.self]
    public static let coder: (any MethodCoder.Type)? = RRQCoder.self
    public static let exporter: (any MethodExporter.Type)? = RRQExporter.self

    let settings: RRQRecipe.Settings
    let config: Config

    public init(_ config: Config) throws {
        settings = try RRQRecipe.Settings(config)
        self.config = config
    }

    public func open(_ opening: DataOpening) throws -> RRQRecipe {
        RRQRecipe(settings: settings, source: try config.makeVectors(opening))
    }

    public func describe(_ parts: RRQRecipe.Finished) -> String { Config.count(parts.layers.count, "finished layer") }

    public func run(_ run: RunContext<RRQRecipe.Finished>, _ recipe: RRQRecipe) throws -> RRQRecord? {
        try recipe.run(run)
    }

    public func planner(_ request: PlanRequest) throws -> any Planner {
        try RRQPlanner(
            settings: settings, source: config.makeVectors(DataOpening(search: DamagedImageSearch(headersOnly: true))),
            baseBytes: request.baseBytes, sample: request.sample)
    }

    public static func check(_ record: RRQRecord, file: String) throws {
        try RunRecordCheck(file: file).check(record)
    }

    public static func report(_ run: FinishedRun<RRQRecord>, _ options: ReportOptions) throws -> MethodReport {
        var record = run.record
        if !options.pictures { record.pictures = [] }
        let report = RRQReport(run: run.run, record: record)
        return MethodReport(page: try report.page(), data: try report.data())
    }

    public static func compare(_ runs: [FinishedRun<RRQRecord>], _ options: ReportOptions) throws -> MethodComparison {
        RRQComparison(runs: runs).comparison
    }
}
