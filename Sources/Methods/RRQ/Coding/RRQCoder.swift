import Codec
import Core
import Datasets
import Foundation
import MethodKit

/// Codes images with the layers of RRQ runs.
enum RRQCoder: MethodCoder {
    static let kind = CodedFile.Kind.residual
    static let findsModels = false

    static func hasModel(_ folder: String) -> Bool { ResidualShelf.isRun(folder) }

    static func encoder(_ options: CodingOptions) throws -> any FileCoder {
        let run = options.models.first ?? "runs"
        guard options.lambda == nil else {
            throw LloydError(
                path: run, problem: "is an RRQ run, which has no lambda to choose", remedy: "leave --lambda out")
        }
        let codec = ResidualCodec(try ResidualModel(runFolder: run, layers: options.layers))
        guard !options.fixedLength, !codec.model.hasCounts else {
            return ResidualFiles(codec, coding: options.fixedLength ? .fixedLength : .entropy)
        }
        return ResidualFiles(
            codec, coding: .fixedLength,
            notes: ["\(run) does not say how often its codewords were taken in training: fixed length is used."])
    }

    static func decoder(of file: CodedFile, name: String, _ options: CodingOptions) throws -> any FileCoder {
        let model = try ResidualShelf(options.models).model(for: file, name: name)
        return ResidualFiles(ResidualCodec(model), coding: .entropy, layers: options.layers)
    }

    static func evaluation(of model: String, _ request: EvaluationRequest) throws -> EvaluationWork {
        let own = request.data == nil ? try heldOutImages(model, request) : nil
        guard request.data != nil || own != nil else {
            throw LloydError(
                path: model, problem: "has held back no images for testing", remedy: "name a folder with --data")
        }
        let all = try ResidualModel(runFolder: model, layers: nil).layers
        let wanted = try request.layers?.split(separator: ",").map { part -> Int in
            guard let count = Int(part.trimmingCharacters(in: .whitespaces)), (1...all).contains(count) else {
                throw LloydError(
                    path: model, problem: "has \(all) layers; `\(part)` of --layers is not one of them",
                    remedy: "choose from 1 to \(all)")
            }
            return count
        }
        let counts = wanted ?? ([5, 10, 20, 50, 100].filter { $0 < all } + [all])
        let folder = try request.data.map { try PhotoFolder($0, first: request.images) }
        let collection: any ImageCollection =
            folder ?? VectorImages(Subset(own!, indices: Array(0..<min(request.images, own!.count))))
        return EvaluationWork(
            description: "RRQ, files of lloyd encode", images: collection,
            dataName: folder.map(EvaluationWork.name) ?? "\(collection.count) images of the test set of \(model)",
            points: try counts.map { count in
                let layers = try ResidualModel(runFolder: model, layers: count)
                return .init(setting: "\(count) layers", lambda: nil, layers: count) { ResidualCodec(layers) }
            }, inputs: ["\(model)/codebooks"], keepsOriginals: request.data == nil)
    }

    /// The test set of the run, which alone needs the data that it was trained on.
    private static func heldOutImages(_ model: String, _ request: EvaluationRequest) throws -> (any VectorSource)? {
        let config = try Config(file: model + "/config.yaml", schema: request.schema)
        return try RRQRecipe(
            settings: RRQRecipe.Settings(config), source: config.makeVectors(request.opening)
        ).testSet()
    }
}

/// Files of one run's layers.
private struct ResidualFiles: FileCoder {
    private let codec: ResidualCodec
    private let coding: ResidualCodec.Coding
    private let layers: Int?
    let notes: [String]

    init(_ codec: ResidualCodec, coding: ResidualCodec.Coding, layers: Int? = nil, notes: [String] = []) {
        (self.codec, self.coding, self.layers, self.notes) = (codec, coding, layers, notes)
    }

    func encode(_ image: Image, name: String) throws -> EncodedFile {
        let coded = try codec.encode(image, coding: coding, name: name)
        return EncodedFile(
            file: coded.file, indices: [[coded.indices]], layerBits: coded.layerBits,
            estimatedBits: coded.estimatedBits, size: "\(coded.indices.count) layers",
            estimate: String(format: "the indices take %.1f bytes", coded.estimatedBits / 8)
        ) { ["all": $0] }
    }

    func decode(_ file: CodedFile, name: String) throws -> DecodedFile {
        let decoded = try codec.decode(file, layers: layers, name: name)
        return DecodedFile(
            image: decoded.image, indices: [[decoded.indices]],
            size: "\(decoded.indices.count) of \(file.parameters[1]) layers")
    }

    func codedPart(of image: Image) -> Image { codec.model.shape.channels == 1 ? image.gray() : image.rgb() }
}
