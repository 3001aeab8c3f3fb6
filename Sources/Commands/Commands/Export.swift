import ArgumentParser
import Core
import Foundation
import MethodKit

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a run's codebooks as .npy files or one safetensors file, or an NVTC model's weights.",
        discussion: """
            A layer becomes layer-0001-values.npy (K x active dimensions, float32) and layer-0001-active.npy (their \
            numbers from 0, int32), or with --dense one layer-0001-dense.npy (K x dimension). Codewords are those of \
            the decorrelated vectors: after the cosine transform, in band order, rotated into each band's principal \
            components.

            Models of NVTC become one safetensors file each, with the published implementation's names and shapes.

            Examples:
              lloyd export runs/faces --out exported
              lloyd export runs/faces --out exported --layers 1-10,20 --dense
              lloyd export runs/faces --out exported --format safetensors
              lloyd export runs/faces/codebooks/layer-0001.safetensors --out exported
              lloyd export runs/nvtc/models/nvtc-256.safetensors --out exported
            """)

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
