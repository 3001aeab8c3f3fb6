import MethodKit

@testable import RRQ

// swift-format-ignore
private func codebookExportExample(selection: CodebookSelection) throws {
    let export = CodebookExport(selection: selection, format: .npy, dense: false)
    let files = try export.write(to: "exported", overwriting: false)
    files[0].path                                           // "exported/layer-0001-values.npy"
    files[0].shape                                          // [256, 7]
}
