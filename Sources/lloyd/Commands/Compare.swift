import ArgumentParser
import Foundation
import Reporting

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts several finished runs side by side in one report.",
        discussion: """
            Examples:
              lloyd compare runs/lambda-1 runs/lambda-10 runs/lambda-100 --out Reports/faces-lambda
              lloyd compare runs/a runs/b --out Reports/a-b --title "Bands of 256 against 512"
              lloyd compare runs/toy-boomerang runs/toy-banana runs/toy-normaliid --out Reports/toy-sources
              lloyd compare runs/nvtc runs/nvtc-no-vt --anchors Configs/anchors/kodak.json --out Reports/nvtc-variants
            """)

    @Argument(help: ArgumentHelp("Folders of finished runs.", valueName: "run"))
    var runs: [String]

    @Option(help: "Folder of the report; its files are replaced.")
    var out: String

    @Option(help: "Heading of the report. (default: the report folder's name)")
    var title: String?

    @Option(help: "File or folder of published curves to compare with. (default: those that the configs named)")
    var anchors: String?

    func run() throws {
        try Failure.reported {
            let folder = URL(fileURLWithPath: out)
            let report = try ComparisonReport(
                runFolders: runs, title: title ?? folder.lastPathComponent, anchors: anchors)
            let written = try report.write(to: folder)
            for note in written.notes { print("Note: \(note)") }
            print("Report: \(out)/index.html")
        }
    }
}
