import Reporting

/// Writes the report of a finished run into its folder.
///
///     let written = try RunReport.write(runFolder: "runs/rrq-demo", schema: schema)
///     print(written.page)                                     // runs/rrq-demo/report/index.html
public enum RunReport {
    /// - Parameters:
    ///   - out: where the report goes; nil for the folder `report` of the run.
    ///   - schema: the methods there are.
    /// - Throws: `LloydError` when the folder holds no finished run or cannot be written to, or for curves that cannot be
    ///   read.
    @discardableResult
    public static func write(
        runFolder: String, out: String? = nil, options: ReportOptions = ReportOptions(), schema: Schema
    ) throws -> WrittenReport {
        let run = try RunContents(folder: runFolder, schema: schema)
        let report = try run.method.report(of: run, options)
        return try report.page.write(
            to: out ?? run.path + "/report", data: report.data,
            inputs: RunContents.inputs(of: run.path) + [options.anchors].compactMap { $0 })
    }
}
