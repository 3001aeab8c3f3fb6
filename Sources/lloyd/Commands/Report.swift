import ArgumentParser
import Reporting

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the report of a finished run anew.",
        discussion: """
            Training ends with the report; this writes it again, for instance after rsvg-convert was installed.

            Examples:
              lloyd report runs/rrq-demo
            """)

    @Argument(help: ArgumentHelp("Folder of a finished run.", valueName: "run"))
    var folder: String

    func run() throws {
        try Failure.reported {
            let written = try RunReport.write(runFolder: folder)
            for note in written.notes { print("Note: \(note)") }
            print("Report: \(written.page.path)")
        }
    }
}
