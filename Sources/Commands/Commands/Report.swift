import ArgumentParser
import MethodKit
import Reporting

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the report of a finished run anew.",
        discussion: HelpText.discussion(
            .report,
            """
            Training ends with the report; this writes it again, for instance after rsvg-convert was installed.
            """,
            examples: [
                "lloyd report runs/mine --out Reports/mine",
                "lloyd report runs/mine --without-pictures --out Reports/mine",
            ]))

    @Argument(help: ArgumentHelp("Folder of a finished run.", valueName: "run"))
    var folder: String

    @Option(help: "Folder of the report; its files are replaced. (default: the folder `report` of the run)")
    var out: String?

    @Option(help: "File or folder of published curves to compare with. (default: those that its config named)")
    var anchors: String?

    @Flag(help: "Leaves out pictures that the run has kept: a report to pass on without the data.")
    var withoutPictures = false

    func run() throws {
        try Failure.reported {
            let written = try RunReport.write(
                runFolder: folder, out: out, options: ReportOptions(anchors: anchors, pictures: !withoutPictures),
                schema: Methods.schema)
            for note in written.notes { print("Note: \(note)") }
            print("Report: \(written.page)")
        }
    }
}
