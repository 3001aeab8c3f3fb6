import ArgumentParser
import Foundation
import MethodKit
import Reporting

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts finished runs, evaluations and published curves side by side in one report.",
        discussion: HelpText.discussion(
            .compare,
            """
            Each argument is the folder of a finished run, an evaluation (a file of `lloyd evaluate` or \
            Launch/classical-codecs), or a folder of evaluations. Image codecs are drawn and compared by BD-rate, with \
            times, every point, and their curves as JSON in CompressAI's form; runs with what they cost and where their \
            configs differ.
            """,
            examples: [
                #"lloyd compare runs/a runs/b --out Reports/a-b --title "Bands of 256 against 512""#,
                "lloyd compare mine.json Reports/classical-kodak --reference WebP --out Reports/kodak",
                "lloyd compare mine.json measured --pictures decoded --originals kodak --out Reports/kodak",
            ]))

    @Argument(help: ArgumentHelp("Finished runs, evaluations, folders of evaluations.", valueName: "run or evaluation"))
    var runs: [String]

    @Option(help: "Folder of the report; its files are replaced.")
    var out: String

    @Option(help: "Heading of the report. (default: the report folder's name)")
    var title: String?

    @Option(help: "File or folder of published curves to compare with. (default: those that the configs named)")
    var anchors: String?

    @Option(help: "The codec that BD-rates are against, by its name in the report. (default: JPEG if there is one)")
    var reference: String?

    @Option(
        help: ArgumentHelp(
            "Folder of decoded pictures, for crops side by side: FOLDER/CODEC/SETTING/IMAGE.png. May be repeated.",
            valueName: "folder"))
    var pictures: [String] = []

    @Option(help: ArgumentHelp("Folder of the originals of the pictures.", valueName: "folder"))
    var originals: String?

    func run() throws {
        try Failure.reported {
            let report = try ComparisonReport(
                runs, title: title ?? (out as NSString).lastPathComponent, anchors: anchors, reference: reference,
                pictures: pictures, originals: originals, schema: Methods.schema)
            let written = try report.write(to: out)
            for note in written.notes { print("Note: \(note)") }
            print("Report: \(written.page)")
        }
    }
}
