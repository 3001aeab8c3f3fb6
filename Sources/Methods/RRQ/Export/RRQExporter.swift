import Foundation
import MethodKit

/// Writes codebooks as arrays of other programs.
enum RRQExporter: MethodExporter {
    /// What no other method claims is taken for codebooks, and said to be none.
    static func holds(_ inputs: [String]) -> Bool { inputs.contains(where: ResidualShelf.isRun) }

    static func export(_ request: ExportRequest) throws -> ExportResult {
        let selection = try CodebookSelection(inputs: request.inputs, layers: request.layers)
        let export = CodebookExport(selection: selection, format: request.format, dense: request.dense)
        let written = try export.write(
            to: request.folder, overwriting: request.overwriting, inputs: request.inputs.map(codebooks))
        let files = Set(written.map(\.path)).count
        return ExportResult(
            summary: "\(Config.count(selection.layers.count, "layer")) (\(ByteText.text(export.bytes))) to "
                + "\(request.folder): \(Config.count(files, "file")), \(written[0].path) first.",
            list: written)
    }

    /// Where an input's codebooks lie: in a folder of a run, or the file itself.
    private static func codebooks(_ input: String) -> String {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: input, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? input + "/codebooks" : input
    }
}
