import MethodKit
import Reporting

/// Several codebook studies side by side.
struct StudyComparison {
    private let runs: [FinishedRun<CodebookStudyRecord>]
    private let studies: [(name: String, record: CodebookStudyRecord)]

    init(runs: [FinishedRun<CodebookStudyRecord>]) {
        self.runs = runs
        studies = runs.map { ($0.name, $0.record) }
    }

    var comparison: MethodComparison {
        var result = MethodComparison(data: data)
        result.sections = studySections()
        return result
    }

    /// What report.json holds of the run of that name.
    private func data(_ name: String) throws -> JSONValue {
        guard let run = runs.first(where: { $0.name == name }) else { return .null }
        return [
            "run": .string(name), "method": .string(CodebookStudyMethod.name), "bound": .number(run.record.bound),
            "table1": try JSONValue(encoding: run.record.table),
            "accounting": try JSONValue(encoding: run.run.accounting),
        ]
    }

    private func studySections() -> [ReportSection] {
        guard !studies.isEmpty else { return [] }
        let rows = studies.flatMap { name, record in
            record.table.map { row -> [ReportTable.Cell] in
                [
                    .text(name), .text(StudyReport.name(row.method, row.lambda)), .number(row.train), .number(row.test),
                    .number(record.bound),
                ]
            }
        }
        return [
            ReportSection(
                "Single codebooks",
                [
                    .table(
                        ReportTable(
                            columns: [
                                .init("Run"), .init("Method"), .init("Train", decimals: 4, best: .lowest),
                                .init("Test", decimals: 4, best: .lowest), .init("Bound", decimals: 4),
                            ], rows: rows, caption: "Distortion as a fraction of the set's energy, means over trials."))
                ])
        ]
    }
}
