import ArgumentParser
import Core
import Foundation
import MethodKit

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a run has trained in a form that other programs read: .npy or safetensors.",
        discussion: HelpText.discussion(
            .export,
            examples: [
                "lloyd export runs/mine --out exported"
            ]))

    @Argument(help: ArgumentHelp("Run folders, or single files of codebooks or models.", valueName: "run-or-file"))
    var inputs: [String]

    @Option(name: .customLong("out"), help: ArgumentHelp("Where the files go.", valueName: "folder"))
    var folder: String

    @Option(help: "npy, files for each layer; or safetensors, one file for all.")
    var format: ExportRequest.Format = .npy

    @Flag(help: "Whole codewords, zeros included.")
    var dense = false

    @Option(help: "Only these layers, such as 1-10 or 1,5,20-30. (default: all)")
    var layers: LayerList?

    @Flag(help: "Replaces files that exist.")
    var overwrite = false

    @Option(name: .customLong("json"), help: ArgumentHelp("Writes a list of what was exported.", valueName: "file"))
    var json: String?

    func run() throws {
        try Failure.reported {
            try Outputs.check([json], inputs: inputs)
            let result = try Methods.exporter(of: inputs).export(
                ExportRequest(
                    inputs: inputs, folder: folder, format: format, dense: dense, layers: layers?.layers,
                    overwriting: overwrite))
            if let json { try JSONOutput.write(result.list, to: json) }
            print("Exported \(result.summary)")
        }
    }
}

extension ExportRequest.Format: ExpressibleByArgument {}

/// Layers as people list them: numbers and ranges, with commas between.
struct LayerList: ExpressibleByArgument {
    let layers: Set<Int>

    /// The largest layer number there can be.
    private static let most = 100_000

    init?(argument: String) {
        var layers: Set<Int> = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                first >= 1, last >= first, last <= Self.most
            else { return nil }
            layers.formUnion(first...last)
        }
        self.layers = layers
    }
}
