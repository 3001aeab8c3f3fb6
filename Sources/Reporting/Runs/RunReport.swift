import Foundation

/// Writes the report of a finished run into its folder.
///
///     let written = try RunReport.write(runFolder: "runs/rrq-demo")
///     print(written.page.path)                                // runs/rrq-demo/report/index.html
public enum RunReport {
    /// - Throws: `ReportingError` when the folder holds no finished run or cannot be written to.
    @discardableResult
    public static func write(runFolder: String) throws -> WrittenReport {
        let run = try RunContents(folder: runFolder)
        let target = URL(fileURLWithPath: run.path).appendingPathComponent("report")
        switch run.record {
        case .study(let record):
            let report = StudyReport(run: run, record: record)
            return try report.page().write(to: target, data: report.data())
        case .rrq(let record):
            let report = RRQReport(run: run, record: record)
            return try report.page().write(to: target, data: try report.data())
        }
    }
}
