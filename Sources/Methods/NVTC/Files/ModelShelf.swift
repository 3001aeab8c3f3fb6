import Datasets
import Foundation

/// The NVTC models that a command may code with: a file, or those of runs.
///
///     let shelf = try ModelShelf(["runs/nvtc"])
///     try shelf.model(lambda: 256)                            // to encode with
///     try shelf.model(fingerprint: file.fingerprint)          // to decode with
struct ModelShelf {
    private let paths: [String]
    private let places: [String]

    /// - Parameter places: models' files, folders of models, and folders of runs; empty for what lies in runs/ and Reports/ here.
    /// - Throws: `DatasetError` where something named holds no model.
    init(_ places: [String]) throws {
        self.places = places.isEmpty ? ["runs", "Reports"] : places
        let isNamed = !places.isEmpty
        paths = try self.places.flatMap { place -> [String] in
            let found = Self.models(in: place) + (isNamed ? [] : Self.folders(in: place).flatMap(Self.models))
            guard !isNamed || !found.isEmpty else {
                throw DatasetError(
                    path: place,
                    problem:
                        "holds no model: neither files nvtc-LAMBDA.safetensors in its folder `models` nor codebooks",
                    remedy: "name a finished run, or a model's file")
            }
            return found
        }
    }

    /// The models of a file or a run, by lambda.
    static func models(in place: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { return [] }
        if !isFolder.boolValue { return [place] }
        return [place, place + "/models"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasPrefix("nvtc-") && $0.hasSuffix(".safetensors") }.map { "\(folder)/\($0)" }
        }.sorted()
    }

    private static func folders(in place: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted().map { "\(place)/\($0)" }
    }

    /// All models, lowest lambda first.
    func all() throws -> [NVTCModelFile] {
        try paths.map { try NVTCModelFile($0) }.sorted { $0.lambda < $1.lambda }
    }

    /// The model to encode with.
    /// - Throws: `DatasetError` that lists the choices where it is not clear which one is meant.
    func model(lambda: Double?) throws -> NVTCModelFile {
        let models = try all()
        let fitting = models.filter { lambda == nil || $0.lambda == lambda }
        if fitting.count == 1 { return fitting[0] }
        let choices = models.map { "\($0.path) (lambda \($0.lambda))" }.joined(separator: ", ")
        throw DatasetError(
            path: places.joined(separator: ", "),
            problem: models.isEmpty
                ? "holds no NVTC model"
                : fitting.isEmpty
                    ? "holds no model of lambda \(lambda!): \(choices)" : "holds several models: \(choices)",
            remedy: models.isEmpty
                ? "name a run or a model's file with --model"
                : fitting.isEmpty ? "choose one of these with --lambda" : "choose one with --lambda, or name its file")
    }

    /// The model that a coded file names. Files that are no models of this program are passed over.
    func model(fingerprint: UInt64, for file: String) throws -> NVTCModelFile {
        var faults: [any Error] = []
        for path in paths {
            do {
                let model = try NVTCModelFile(path)
                if model.fingerprint == fingerprint { return model }
            } catch {
                // Of several, another may be the right one.
                faults.append(error)
            }
        }
        if paths.count == 1, let fault = faults.first { throw fault }
        throw DatasetError(
            path: file,
            problem:
                "was made with the model \(String(fingerprint, radix: 16)), which is none of the \(paths.count) in "
                + places.joined(separator: ", "), remedy: "name the run or the file of that model with --model")
    }
}
