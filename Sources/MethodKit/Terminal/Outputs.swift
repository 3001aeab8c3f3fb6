import Core
import Datasets
import Foundation

/// What a command asks of its outputs before it starts to work.
///
///     try Outputs.check([output, json], inputs: [input, model])
package enum Outputs {
    /// Kinds of files that are read from folders.
    private static let endings = ImageFolder.extensions.union(["tar", "safetensors", "npy", "fvecs", "yaml", "lloyd"])
    /// Files of a run that are read from its folder.
    private static let runFiles = ["record.json", "accounting.json", "metrics.jsonl", "metrics.csv", "anchors.json"]

    /// - Parameters:
    ///   - outputs: files that are to be written.
    ///   - inputs: files that are read, or folders of them.
    /// - Throws: `LloydError` for an output that cannot be written, is an input, or is there twice.
    package static func check(_ outputs: [String?], inputs: [String?]) throws {
        let inputs = inputs.compactMap { $0 }
        let all = inputs + inputs.flatMap { folder in runFiles.map { "\(folder)/\($0)" } }
        let outputs = outputs.compactMap { $0 }
        var seen: [String: String] = [:]
        for output in outputs {
            try OutputFile.check(output, against: all, endings: endings)
            guard let identity = try OutputFile.identity(output) else { continue }
            if seen.updateValue(output, forKey: identity) != nil {
                throw LloydError(
                    .usage, at: output, problem: "is named for two outputs",
                    remedy: "choose another name for one of them")
            }
        }
        // The file goes to standard output: what people read must not.
        if outputs.contains(where: OutputFile.isStandardOutput) { Terminal.showOnStandardError() }
    }
}
