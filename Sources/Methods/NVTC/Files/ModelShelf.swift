import Datasets
import Foundation

/// The NVTC models that a command may code with: a file, or those of runs.
///
///     let shelf = try ModelShelf(["runs/nvtc"])
///     try shelf.model(lambda: 256)                            // to encode with
///     try shelf.model(fingerprint: file.fingerprint, for: "kodim01.lloyd")    // to decode with
struct ModelShelf {
    /// What was named, or what is searched if nothing was.
    private let sources: [String]
    /// The models' files in them.
    private let files: [String]

    /// - Parameter sources: models' files, folders of models, and folders of runs; if empty, everything in the folders
    ///   `runs` and `Reports` of the working folder.
    /// - Throws: `LloydError` if something named holds no model.
    init(_ sources: [String]) throws {
        self.sources = sources.isEmpty ? ["runs", "Reports"] : sources
        let isNamed = !sources.isEmpty
        files = try self.sources.flatMap { source -> [String] in
            let found = Self.models(in: source) + (isNamed ? [] : Self.entries(of: source).flatMap(Self.models))
            guard !isNamed || !found.isEmpty else {
                throw LloydError(
                    path: source,
                    problem:
                        "holds no model: neither files nvtc-LAMBDA.safetensors in its folder `models` nor codebooks",
                    remedy: "name a finished run, or a model's file")
            }
            return found
        }
    }

    /// The files of the models that a path stands for: itself, if it is a file; those of a run or a folder, by name.
    /// Files are not opened.
    static func models(in source: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else { return [] }
        if !isFolder.boolValue { return [source] }
        return [source, source + "/models"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasPrefix("nvtc-") && $0.hasSuffix(".safetensors") }.map { "\(folder)/\($0)" }
        }.sorted()
    }

    private static func entries(of folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
    }

    /// All models, lowest lambda first.
    /// - Throws: `LloydError` for a file that is damaged or of another kind.
    func all() throws -> [NVTCModelFile] {
        try files.map { try NVTCModelFile($0) }.sorted { $0.lambda < $1.lambda }
    }

    /// The model to encode with.
    /// - Parameter lambda: nil if it was not named.
    /// - Throws: `LloydError` that lists the choices if none or several fit.
    func model(lambda: Double?) throws -> NVTCModelFile {
        let models = try all()
        let fitting = models.filter { lambda == nil || $0.lambda == lambda }
        if fitting.count == 1 { return fitting[0] }
        let choices = models.map { "\($0.path) (lambda \($0.lambda))" }.joined(separator: ", ")
        func fault(_ problem: String, _ remedy: String) -> LloydError {
            LloydError(path: sources.joined(separator: ", "), problem: problem, remedy: remedy)
        }
        guard !models.isEmpty else {
            throw fault("holds no NVTC model", "name a run or a model's file with --model")
        }
        if let lambda, fitting.isEmpty {
            throw fault("holds no model of lambda \(lambda): \(choices)", "choose one of these with --lambda")
        }
        throw fault("holds several models: \(choices)", "choose one with --lambda, or name its file")
    }

    /// The model that a coded file names. Other files that are not models of this program are passed over.
    /// - Parameter file: what errors call the coded file.
    /// - Throws: `LloydError` if it is not there; the model's own fault if only one file was searched.
    func model(fingerprint: UInt64, for file: String) throws -> NVTCModelFile {
        var faults: [any Error] = []
        for path in files {
            do {
                let model = try NVTCModelFile(path)
                if model.fingerprint == fingerprint { return model }
            } catch {
                // Of several, another may be the right one.
                faults.append(error)
            }
        }
        if files.count == 1, let fault = faults.first { throw fault }
        throw LloydError(
            path: file,
            problem:
                "was made with the model \(String(fingerprint, radix: 16)), which is not among the \(files.count) in "
                + sources.joined(separator: ", "), remedy: "name the run or the file of that model with --model")
    }
}
