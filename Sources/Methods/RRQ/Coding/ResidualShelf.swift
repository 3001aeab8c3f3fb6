import Codec
import Core
import Datasets
import Foundation

/// The RRQ runs that a command may code with.
///
///     ResidualShelf.isRun("runs/rrq-faces")
///     let shelf = ResidualShelf(["runs/rrq-faces"])
///     let model = try shelf.model(for: coded, name: "face.lloyd")
struct ResidualShelf {
    private let folders: [String]
    private let runs: [String]

    /// - Parameter folders: of runs; empty for what lies in runs/ and Reports/ here.
    init(_ folders: [String]) {
        self.folders = folders.isEmpty ? ["runs", "Reports"] : folders
        runs =
            folders.isEmpty
            ? self.folders.flatMap { folder in
                ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map {
                    "\(folder)/\($0)"
                }
            }.filter(Self.isRun) : folders
    }

    /// Whether a folder holds codebooks.
    static func isRun(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + CodebookFile.name(layer: 1))
    }

    /// The layers that a coded file names.
    /// - Throws: `LloydError` if none of the runs has them; if there is one run, what is wrong with it.
    func model(for coded: CodedFile, name: String) throws -> ResidualModel {
        let isCounted = coded.parameters.last == ResidualCodec.Coding.entropy.rawValue
        for run in runs {
            do {
                let model = try ResidualModel(runFolder: run, layers: coded.parameters[1])
                // With one run, decoding says what does not fit.
                if runs.count == 1 || model.fingerprint(entropyCoded: isCounted) == coded.fingerprint { return model }
            } catch {
                // Of several, another may be the right one.
                if runs.count == 1 { throw error }
            }
        }
        throw LloydError(
            path: name,
            problem: "was made with layers that are in none of the \(runs.count) RRQ runs in "
                + folders.joined(separator: ", "), remedy: "name the run that encoded it with --model")
    }
}
