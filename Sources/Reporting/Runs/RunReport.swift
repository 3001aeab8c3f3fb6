import Foundation

/// Writes the report of a finished run into its folder.
///
///     let written = try RunReport.write(runFolder: "runs/rrq-demo")
///     print(written.page.path)                                // runs/rrq-demo/report/index.html
public enum RunReport {
    /// - Parameters:
    ///   - out: where the report goes; nil for the folder `report` of the run.
    ///   - anchors: file or folder of published curves for a toy source or an image codec, in place of the run's own copy.
    ///   - pictures: whether pictures that the run has kept are shown; without them the report holds none of its data.
    /// - Throws: `ReportingError` when the folder holds no finished run or cannot be written to, or for curves that
    ///   cannot be read.
    @discardableResult
    public static func write(
        runFolder: String, out: String? = nil, anchors: String? = nil, pictures: Bool = true
    ) throws -> WrittenReport {
        let run = try RunContents(folder: runFolder)
        let target =
            out.map { URL(fileURLWithPath: $0) } ?? URL(fileURLWithPath: run.path).appendingPathComponent("report")
        let inputs = RunContents.inputs(of: run.path) + [anchors].compactMap { $0 }
        switch run.record {
        case .study(let record):
            let report = StudyReport(run: run, record: record)
            return try report.page().write(to: target, data: report.data(), inputs: inputs)
        case .rrq(var record):
            if !pictures { record.pictures = [] }
            let report = RRQReport(run: run, record: record)
            return try report.page().write(to: target, data: report.data(), inputs: inputs)
        case .toy(let record):
            let published = try anchors.map { try PublishedCurves(path: $0) } ?? run.publishedCurves()
            let report = ToyReport(run: run, record: record, published: published)
            return try report.page().write(to: target, data: report.data(), inputs: inputs)
        case .nvtc(var record):
            if !pictures { record.pictures = nil }
            let published = try anchors.map { try PublishedCodecs(path: $0) } ?? run.publishedCodecs()
            let report = try NVTCReport(run: run, record: record, published: published)
            return try report.page().write(to: target, data: report.data(), inputs: inputs)
        }
    }
}
