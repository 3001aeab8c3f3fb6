import Datasets
import Foundation

/// A trained model on disk: its weights as the published implementation names them, its sizes, and what it was trained
/// for.
///
///     try NVTCModelFile.write(model, lambda: 256, steps: 20_000, isRateConstrained: true, to: "model.safetensors")
///     let file = try NVTCModelFile("model.safetensors")
///     let model = try file.model()                            // of the sizes that the file states
///     file.fingerprint                                        // coded images name their model by it
///     // Python: safetensors.torch.load_file("model.safetensors")
package struct NVTCModelFile {
    private static let format = "lloyd-nvtc-1"

    /// Of the file.
    package let path: String
    /// The model's sizes.
    package let architecture: NVTCArchitecture
    /// Weight of the mean squared error against bits, both per sub-pixel, that it was trained for.
    package let lambda: Double
    /// Gradient steps of its training; 0 for imported weights.
    package let steps: Int
    /// Whether codewords are chosen with their rate.
    package let isRateConstrained: Bool
    /// A checksum over the weights and everything above.
    package let fingerprint: UInt64
    private let file: SafeTensors

    /// Opens a file, and checks it against its fingerprint. The weights are read by `model()`.
    /// - Throws: `LloydError` for a file that is missing, damaged or of another kind.
    package init(_ path: String) throws {
        self.path = path
        file = try SafeTensors(path)
        func fault(_ problem: String) -> LloydError {
            LloydError(
                path: path, problem: problem,
                remedy: "name a model that `lloyd train` or `lloyd import` has written")
        }
        guard file.metadata["format"] == Self.format else { throw fault("is not an NVTC model of this program") }
        guard let sizes = file.metadata["architecture"] else { throw fault("does not state the sizes of its model") }
        let architecture: NVTCArchitecture
        do {
            architecture = try JSONFile(Data(sizes.utf8), path: path).decode(NVTCArchitecture.self)
        } catch let error as LloydError {
            throw fault("does not state the sizes of its model: they are JSON that \(error.problem)")
        }
        guard architecture.isSound else { throw fault("states sizes that a model cannot have") }
        guard let lambdaText = file.metadata["lambda"], let lambda = Double(lambdaText), lambda > 0, lambda.isFinite,
            let stepsText = file.metadata["steps"], let steps = Int(stepsText)
        else { throw fault("does not state its lambda and steps") }
        guard let constrained = file.metadata["rate-constrained"].flatMap(Bool.init),
            let fingerprint = file.metadata["fingerprint"].flatMap({ UInt64($0, radix: 16) })
        else { throw fault("does not state its fingerprint") }
        self.architecture = architecture
        self.lambda = lambda
        self.steps = steps
        isRateConstrained = constrained
        self.fingerprint = fingerprint
        var own = Self.fingerprint(
            Self.metadata(
                architecture: sizes, lambda: lambdaText, steps: stepsText, isRateConstrained: constrained))
        for name in file.names { own.add(name, try file.tensor(name)) }
        guard own.value == fingerprint else {
            throw LloydError(
                path: path, problem: "is damaged: its fingerprint does not fit", remedy: "copy the file again")
        }
    }

    /// The model that the file holds.
    /// - Throws: `LloydError` that names a tensor that does not fit the sizes stated.
    package func model() throws -> NVTCModel { try ReferenceWeights.model(architecture, from: file) }

    /// Reads the weights of a file into a model of the same sizes.
    /// - Throws: `LloydError` for a file that is damaged, of another kind or of another model.
    package static func load(_ path: String, into model: NVTCModel) throws {
        try ReferenceWeights.load(Self(path).file, into: model)
    }

    /// Writes a model. The same weights always give the same bytes.
    /// - Throws: `LloydError` if the file cannot be written.
    package static func write(
        _ model: NVTCModel, lambda: Double, steps: Int, isRateConstrained: Bool, to path: String
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let tensors = ReferenceWeights.tensors(of: model)
        var metadata = metadata(
            architecture: String(decoding: try encoder.encode(model.architecture), as: UTF8.self),
            lambda: "\(lambda)", steps: "\(steps)", isRateConstrained: isRateConstrained)
        var fingerprint = fingerprint(metadata)
        for (name, tensor) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            fingerprint.add(name, tensor)
        }
        metadata["fingerprint"] = String(fingerprint.value, radix: 16)
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

    /// Of the metadata, by their keys; the tensors' names and bytes follow, by their names.
    private static func fingerprint(_ metadata: [String: String]) -> Fingerprint {
        var hash = Fingerprint()
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            hash.add(key)
            hash.add(value)
        }
        return hash
    }
}

extension Fingerprint {
    fileprivate mutating func add(_ name: String, _ tensor: Tensor) {
        add(name)
        add(tensor.bytes)
    }
}
