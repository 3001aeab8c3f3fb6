import MethodKit

/// Single codebooks on a Gaussian source.
public struct CodebookStudyMethod: Method {
    public static let name = "codebook-study"
    public static let summary = "single codebooks on a Gaussian source (Table I, Fig. 1 of the RRQ paper)"
    static let own = StudyKeys()
    public static let keys: [any ConfigKey] = Keys.gaussian.all + own.all

    private let settings: CodebookStudy.Settings

    public init(_ config: Config) throws { settings = try CodebookStudy.Settings(config) }

    public func describe(_ parts: NoParts) -> String { "its start: single codebooks are trained anew" }

    public func run(_ run: RunContext<NoParts>, _ input: Void) throws -> CodebookStudyRecord? {
        try CodebookStudy(settings: settings).run(run.loop)
    }

    public func planner(_ request: PlanRequest) throws -> any Planner {
        try StudyPlanner(settings: settings, baseBytes: request.baseBytes)
    }

    public static func check(_ record: CodebookStudyRecord, file: String) throws {
        try RunRecordCheck(file: file).check(record)
    }

    public static func report(
        _ run: FinishedRun<CodebookStudyRecord>, _ options: ReportOptions
    ) throws -> MethodReport {
        let report = StudyReport(run: run.run, record: run.record)
        return MethodReport(page: report.page(), data: report.data())
    }

    public static func compare(
        _ runs: [FinishedRun<CodebookStudyRecord>], _ options: ReportOptions
    ) throws -> MethodComparison {
        StudyComparison(runs: runs).comparison
    }
}
