import Datasets
import Foundation

/// A trained model on disk: its weights as the published implementation names them, its sizes, and what it was trained for.
///
///     try NVTCModelFile.write(model, lambda: 256, steps: 20_000, to: "model.safetensors")
///     let file = try NVTCModelFile("model.safetensors")
///     let model = try file.model()                            // of the sizes that the file states
///     // Python: safetensors.torch.load_file("model.safetensors")
public struct NVTCModelFile {
    private static let format = "lloyd-nvtc-1"

    public let path: String
    public let architecture: NVTCArchitecture
    public let lambda: Double
    public let steps: Int
    private let file: SafeTensors

    /// - Throws: `DatasetError` for a file that is missing, damaged or of another kind.
    public init(_ path: String) throws {
        self.path = path
        file = try SafeTensors(path)
        func fault(_ problem: String) -> DatasetError {
            DatasetError(
                path: path, problem: problem,
                remedy: "name a model that `lloyd train` or `lloyd import` has written")
        }
        guard file.metadata["format"] == Self.format else { throw fault("is not an NVTC model of this program") }
        guard let text = file.metadata["architecture"],
            let architecture = try? JSONDecoder().decode(NVTCArchitecture.self, from: Data(text.utf8)),
            architecture.isSound
        else { throw fault("does not state the sizes of its model") }
        guard let lambda = file.metadata["lambda"].flatMap(Double.init), lambda > 0, lambda.isFinite,
            let steps = file.metadata["steps"].flatMap({ Int($0) })
        else { throw fault("does not state its lambda and steps") }
        self.architecture = architecture
        self.lambda = lambda
        self.steps = steps
    }

    /// The model that the file holds.
    public func model() throws -> NVTCModel {
        let model = NVTCModel(architecture, seed: 0)
        try ReferenceWeights.load(file, into: model)
        return model
    }

    /// Reads the weights into a model of the same sizes.
    public static func load(_ path: String, into model: NVTCModel) throws {
        try ReferenceWeights.load(SafeTensors(path), into: model)
    }

    public static func write(_ model: NVTCModel, lambda: Double, steps: Int, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let architecture = String(decoding: try encoder.encode(model.architecture), as: UTF8.self)
        try SafeTensors.write(
            ReferenceWeights.tensors(of: model),
            metadata: [
                "format": format, "architecture": architecture, "lambda": "\(lambda)", "steps": "\(steps)",
            ], to: path)
    }
}
