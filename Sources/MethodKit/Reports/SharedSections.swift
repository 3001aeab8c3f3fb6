import Foundation
import Reporting
import Training

/// Parts that the reports of all methods share.
public enum SharedSections {
    /// Where the time went, the settings, and how to get the same again.
    public static func closing(_ run: RunContents) -> [ReportSection] {
        [time(run.accounting), settings(run)]
    }

    /// Seconds over ranks, by phase and activity.
    public static func time(_ accounting: RunAccounting) -> ReportSection {
        let rows = accounting.rows.filter { $0.maximum >= 0.01 }.map { row -> [ReportTable.Cell] in
            [
                .text(row.phase), .text(row.activity), .number(Double(row.steps)), .number(row.minimum),
                .number(row.mean), .number(row.maximum),
            ]
        }
        let table = ReportTable(
            columns: [
                .init("Phase"), .init("Activity"), .init("Steps", decimals: 0), .init("Least", unit: "s", decimals: 2),
                .init("Mean", unit: "s", decimals: 2), .init("Most", unit: "s", decimals: 2),
            ], rows: rows, caption: "Seconds over ranks; what took less than a hundredth of a second is left out.")
        let text =
            "\(accounting.ranks) rank\(accounting.ranks == 1 ? "" : "s") of \(accounting.threads) thread"
            + "\(accounting.threads == 1 ? "" : "s"), \(String(format: "%.1f", accounting.seconds)) s in all, at most "
            + "\(accounting.peakMegabytes) MB of memory in a rank, \(String(format: "%.0f", accounting.reducedMegabytes)) MB "
            + "exchanged by the coordinator in reductions."
        return ReportSection("Where the time went", [.paragraph(text), .table(table)])
    }

    /// The config, from which the run can be repeated.
    public static func settings(_ run: RunContents) -> ReportSection {
        ReportSection(
            "Settings",
            [
                .paragraph(
                    "The config with every key resolved. Saved in a file, it gives the same bytes again, on any number of "
                        + "ranks and threads of one kind of processor: `lloyd train FILE`."),
                .code(run.configText, caption: "config.yaml"),
            ])
    }
}

extension RunAccounting {
    /// Hours of all ranks together: what a cluster charges.
    public var rankHours: Double { seconds * Double(ranks) / 3600 }
}
