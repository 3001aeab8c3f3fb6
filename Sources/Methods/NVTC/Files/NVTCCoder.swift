import Codec
import Datasets
import Foundation
import MethodKit

/// Codes images with the models of NVTC.
package enum NVTCCoder: MethodCoder {
    package static let kind = CodedFile.Kind.vectorTransform
    package static let findsModels = true

    package static func hasModel(_ source: String) -> Bool { !ModelShelf.models(in: source).isEmpty }

    package static func encoder(_ options: CodingOptions) throws -> any FileCoder {
        guard options.layers == nil, !options.fixedLength else {
            throw LloydError(
                path: options.models.first ?? "runs",
                problem: "is not an RRQ run, but --layers and --fixed-length are for RRQ only",
                remedy: "name an RRQ run with --model, or leave the options out")
        }
        return VectorTransformFiles(
            try ModelShelf(options.models).model(lambda: options.lambda), threads: options.threads)
    }

    package static func decoder(of file: CodedFile, name: String, _ options: CodingOptions) throws -> any FileCoder {
        guard options.layers == nil else {
            throw LloydError(
                path: name, problem: "comes from an NVTC model, whose files have no layers to choose from",
                remedy: "leave --layers out")
        }
        let model = try ModelShelf(options.models).model(fingerprint: file.fingerprint, for: name)
        return VectorTransformFiles(model, threads: options.threads)
    }

    package static func evaluation(of model: String, _ request: EvaluationRequest) throws -> EvaluationWork {
        let models = try ModelShelf([model]).all().filter { request.lambdas?.contains($0.lambda) ?? true }
        guard !models.isEmpty else {
            let wanted = (request.lambdas ?? []).map(compact).joined(separator: ",")
            throw LloydError(
                path: model, problem: "holds no model of lambda \(wanted)", remedy: "leave --lambda out for all")
        }
        guard let data = request.data else {
            throw LloydError(
                path: model, problem: "needs images to code", remedy: "name their folder with --data")
        }
        let folder = try PhotoFolder(data, first: request.images)
        return EvaluationWork(
            description: "NVTC, files of lloyd encode", images: folder, dataName: EvaluationWork.name(of: folder),
            points: models.map { file in
                .init(
                    setting: "lambda \(compact(file.lambda))", lambda: file.lambda,
                    layers: file.architecture.decodingOrder.count
                ) { try VectorTransformCodec(file) }
            }, inputs: ModelShelf.models(in: model))
    }
}

/// Files of one model.
private struct VectorTransformFiles: FileCoder {
    private let model: NVTCModelFile
    private let threads: Int

    init(_ model: NVTCModelFile, threads: Int) { (self.model, self.threads) = (model, threads) }

    var inputs: [String] { [model.path] }

    func encode(_ image: Image, name: String) throws -> EncodedFile {
        let coded = try VectorTransformCodec(model, threads: threads).encode(image, name: name)
        let estimate = coded.layerBits.reduce(0, +)
        return EncodedFile(
            file: coded.file, indices: coded.indices, layerBits: coded.layerBits, estimatedBits: estimate,
            estimate: String(format: "the entropy model says %.0f bytes", estimate / 8), seconds: coded.times.shares)
    }

    func decode(_ file: CodedFile, name: String) throws -> DecodedFile {
        let decoded = try VectorTransformCodec(model, threads: threads).decode(file, name: name)
        return DecodedFile(image: decoded.image, indices: decoded.indices)
    }
}
