import Datasets
import Foundation

/// A trained model on disk: its weights as the published implementation names them, its sizes, and what it was trained for.
///
///     try NVTCModelFile.write(model, lambda: 256, steps: 20_000, to: "model.safetensors")
///     let file = try NVTCModelFile("model.safetensors")
///     let model = try file.model()                            // of the sizes that the file states
///     file.fingerprint                                        // coded images name their model by it
///     // Python: safetensors.torch.load_file("model.safetensors")
public struct NVTCModelFile {
    private static let format = "lloyd-nvtc-1"

    public let path: String
    public let architecture: NVTCArchitecture
    public let lambda: Double
    public let steps: Int
    /// Whether codewords are chosen with their rate.
    public let isRateConstrained: Bool
    /// A checksum over the weights and everything above.
    public let fingerprint: UInt64
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
        guard let constrained = file.metadata["rate-constrained"].flatMap(Bool.init),
            let fingerprint = file.metadata["fingerprint"].flatMap({ UInt64($0, radix: 16) })
        else { throw fault("does not state its fingerprint") }
        self.architecture = architecture
        self.lambda = lambda
        self.steps = steps
        isRateConstrained = constrained
        self.fingerprint = fingerprint
        let own = try Self.fingerprint(
            metadata: Self.metadata(
                architecture: text, lambda: file.metadata["lambda"]!, steps: file.metadata["steps"]!,
                isRateConstrained: constrained),
            names: file.names, tensor: file.tensor)
        guard own == fingerprint else {
            throw DatasetError(
                path: path, problem: "is damaged: its fingerprint does not fit", remedy: "copy the file again")
        }
    }

    /// The model that the file holds.
    public func model() throws -> NVTCModel { try ReferenceWeights.model(architecture, from: file) }

    /// Reads the weights into a model of the same sizes.
    public static func load(_ path: String, into model: NVTCModel) throws {
        try ReferenceWeights.load(Self(path).file, into: model)
    }

    public static func write(
        _ model: NVTCModel, lambda: Double, steps: Int, isRateConstrained: Bool, to path: String
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let tensors = ReferenceWeights.tensors(of: model)
        var metadata = metadata(
            architecture: String(decoding: try encoder.encode(model.architecture), as: UTF8.self),
            lambda: "\(lambda)", steps: "\(steps)", isRateConstrained: isRateConstrained)
        let fingerprint = fingerprint(
            metadata: metadata, names: tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
            tensor: { tensors[$0]! })
        metadata["fingerprint"] = String(fingerprint, radix: 16)
        try SafeTensors.write(tensors, metadata: metadata, to: path)
    }

    private static func metadata(
        architecture: String, lambda: String, steps: String, isRateConstrained: Bool
    ) -> [String: String] {
        [
            "format": format, "architecture": architecture, "lambda": lambda, "steps": steps,
            "rate-constrained": "\(isRateConstrained)",
        ]
    }

    /// FNV-1a over the metadata and the tensors' names and bytes, by their names; whole groups of eight bytes at a time.
    private static func fingerprint(
        metadata: [String: String], names: [String], tensor: (String) throws -> Tensor
    ) rethrows -> UInt64 {
        var hash = Fingerprint()
        for key in metadata.keys.sorted() {
            hash.add(key)
            hash.add(metadata[key]!)
        }
        for name in names {
            hash.add(name)
            try hash.add(tensor(name).bytes)
        }
        return hash.value
    }
}
