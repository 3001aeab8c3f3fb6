import Codec
import Core
import MethodKit

/// The methods of this program, as `LloydProgram.main` was given them.
enum Methods {
    /// Set once, before anything is parsed: the parser makes the commands, and can hand them nothing else.
    nonisolated(unsafe) private static var known: Schema?

    static func use(_ methods: [any Method.Type]) { known = Schema(methods) }

    /// The keys and methods there are.
    static var schema: Schema {
        guard let known else { preconditionFailure("LloydProgram.main(methods:) names the methods") }
        return known
    }
}

extension Methods {
    private static var coders: [any MethodCoder.Type] { schema.methods.compactMap { $0.coder } }

    /// The kinds of coded files that this program decodes.
    static var kinds: [CodedFile.Kind] { coders.map { $0.kind } }

    /// What codes with a model.
    /// - Parameter path: a run or a model's file; nil for what lies in runs/ and Reports/.
    /// - Throws: `LloydError` if no method of this program codes images.
    static func coder(for path: String?) throws -> any MethodCoder.Type {
        let own = path.flatMap { path in coders.first { $0.hasModel(path) } }
        guard let coder = own ?? coders.first(where: { $0.findsModels }) ?? coders.first else { throw noCoder() }
        return coder
    }

    /// What decodes a file.
    /// - Throws: `LloydError` if no method of this program does.
    static func coder(of file: CodedFile, name: String) throws -> any MethodCoder.Type {
        guard let coder = coders.first(where: { $0.kind == file.kind }) else {
            throw LloydError(
                .input, at: name, problem: "is coded by a method that this program does not have",
                remedy: "decode it with the program that encoded it")
        }
        return coder
    }

    /// What exports what the inputs hold.
    /// - Throws: `LloydError` if no method of this program can export anything.
    static func exporter(of inputs: [String]) throws -> any MethodExporter.Type {
        let exporters = schema.methods.compactMap { $0.exporter }
        guard let exporter = exporters.first(where: { $0.holds(inputs) }) ?? exporters.first else {
            throw LloydError(
                .usage, at: "export", problem: "no method of this program has anything to export",
                remedy: "copy the files of the run folder")
        }
        return exporter
    }

    private static func noCoder() -> LloydError {
        LloydError(
            .usage, at: "coding", problem: "no method of this program codes images",
            remedy: "use a program that has such a method; its methods are: "
                + schema.methods.map { $0.name }.joined(separator: ", "))
    }
}
