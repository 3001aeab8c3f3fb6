import Codec
import Datasets
import Foundation
import Numerics
import Training

extension CodedFile.Kind {
    /// Tiles of an image coded by an NVTC model. Parameters: channels (1 or 3).
    public static let vectorTransform = CodedFile.Kind(number: 1, parameters: 1)
}

/// Images to files and back with an NVTC model.
///
///     let codec = try VectorTransformCodec(NVTCModelFile("models/nvtc-256.safetensors"), threads: 2)
///     let coded = try codec.encode(Image(path: "kodim01.png"))
///     try AtomicFile.write(coded.file.data, to: "kodim01.lloyd")
///     let decoded = try codec.decode(CodedFile(Data(contentsOf: url), name: "kodim01.lloyd"), name: "kodim01.lloyd")
///
/// The decoder's part of the model runs with reproducible arithmetic on both sides, and probabilities become integers by
/// elementwise arithmetic: a file decodes to the same indices and the same pixels whatever the number of threads, the
/// width of registers or the version of any library that coded it. A chunk of the file is a tile (`TilePlan`), one stream
/// of rANS over all layers in the order of decoding.
///
/// Grey images are coded as three equal channels and come back grey, by luma.
public final class VectorTransformCodec {
    /// A coded image and what coding it took.
    public struct Coded {
        public var file: CodedFile
        /// Bits that the entropy model charges, by layer in the order of decoding.
        public var layerBits: [Double]
        /// By tile and layer.
        public var indices: [[[Int32]]]
        public var times: CodingTimes
    }

    public struct Decoded {
        public var image: Image
        public var indices: [[[Int32]]]
        public var times: CodingTimes
    }

    public let fingerprint: UInt64
    public let architecture: NVTCArchitecture
    private let path: String
    private let team: Team
    private let coders: [TileCoder]
    /// Models of convolutions look beyond tiles in every layer: an image is one tile, up to a size.
    private let isLocal: Bool
    /// Pixels of an image that is coded in one tile.
    static let wholeLimit = 4 << 20

    /// - Throws: `DatasetError` for a damaged model.
    public init(_ file: NVTCModelFile, threads: Int = 1) throws {
        FusedMultiplyAdd.require()
        let model = try file.model()
        guard model.architecture.stages.allSatisfy({ $0.codewords <= 4096 }) else {
            throw DatasetError(
                path: file.path, problem: "has more than 4096 codewords in a codebook",
                remedy: "code with a model of fewer")
        }
        fingerprint = file.fingerprint
        architecture = file.architecture
        path = file.path
        isLocal = architecture.transform == .vector
        let halo = isLocal ? FinestScaling.halo(architecture) : 0
        team = Team(threads: threads)
        let rateWeight = file.isRateConstrained ? Float(1 / file.lambda) : 0
        coders = (0..<threads).map { _ in TileCoder(model, rateWeight: rateWeight, halo: halo) }
    }

    private func plan(height: Int, width: Int, name: String) throws -> TilePlan {
        guard isLocal || height * width <= Self.wholeLimit else {
            throw DatasetError(
                path: name,
                problem: "has \(width)x\(height) pixels; models of convolutions code at most \(Self.wholeLimit)",
                remedy: "use a model of vector transform units, or cut the image")
        }
        return TilePlan(height: height, width: width, alignment: architecture.alignment, isWhole: !isLocal)
    }

    /// - Parameter name: what errors call the image.
    /// - Throws: `DatasetError` for an image that is too large, or a model whose numbers overflow on it.
    public func encode(_ image: Image, name: String = "the image") throws -> Coded {
        guard image.width <= CodedFile.sideLimit, image.height <= CodedFile.sideLimit else {
            throw DatasetError(
                path: name,
                problem: "is \(image.width)x\(image.height); sides have at most \(CodedFile.sideLimit) pixels",
                remedy: "cut the image")
        }
        let plan = try plan(height: image.height, width: image.width, name: name)
        let colours = image.rgb()
        for coder in coders { coder.resetTimes() }
        var tiles = [TileCoder.Coded?](repeating: nil, count: plan.tiles.count)
        do {
            try tiles.withUnsafeMutableBufferPointer { tiles in
                let target = UncheckedPointer(tiles.baseAddress!)
                try team.forEach(count: plan.tiles.count) { place, worker in
                    target.pointer[place] = try coders[worker].encode(colours, tile: plan.tiles[place], plan: plan)
                }
            }
        } catch TileCoder.Fault.noProbabilities {
            throw overflow
        }
        var file = CodedFile(
            kind: .vectorTransform, fingerprint: fingerprint, width: image.width, height: image.height,
            parameters: [image.channels])
        file.chunks = tiles.map { $0!.bytes }
        let layers = architecture.decodingOrder.indices
        return Coded(
            file: file, layerBits: layers.map { layer in tiles.reduce(0) { $0 + $1!.layerBits[layer] } },
            indices: tiles.map { $0!.indices }, times: times)
    }

    /// - Parameter name: what errors call the file.
    /// - Throws: `DatasetError` for a file of another model or kind, or a damaged chunk.
    public func decode(_ file: CodedFile, name: String) throws -> Decoded {
        func fault(_ problem: String, _ remedy: String) -> DatasetError {
            DatasetError(path: name, problem: problem, remedy: remedy)
        }
        guard file.kind == .vectorTransform else {
            throw fault("is not of an NVTC model", "decode it with the run of another method that made it")
        }
        guard file.fingerprint == fingerprint else {
            throw fault(
                "was made with another model (\(String(file.fingerprint, radix: 16)), not "
                    + "\(String(fingerprint, radix: 16)) as \(path))", "decode it with the model that encoded it")
        }
        guard let channels = file.parameters.first, channels == 1 || channels == 3 else {
            throw fault("states \(file.parameters.first ?? 0) channels", "encode the image anew")
        }
        let plan = try plan(height: file.height, width: file.width, name: name)
        guard file.chunks.count == plan.tiles.count else {
            throw fault(
                "holds \(file.chunks.count) chunks where an image of its size has \(plan.tiles.count)",
                "copy the file again, or encode the image anew")
        }
        for coder in coders { coder.resetTimes() }
        let (features, indices) = try decodeTiles(file, plan, name)
        var samples = [Float](repeating: 0, count: 3 * file.height * file.width)
        try samples.withUnsafeMutableBufferPointer { samples in
            let target = UncheckedPointer(samples.baseAddress!)
            try team.forEach(count: plan.tiles.count) { place, worker in
                coders[worker].restore(
                    plan.tiles[place], plan: plan, features: features, to: target.pointer, height: file.height,
                    width: file.width)
            }
        }
        let image = Image(width: file.width, height: file.height, channels: 3, samples: samples)
        return Decoded(image: channels == 1 ? image.gray() : image, indices: indices, times: times)
    }

    private func decodeTiles(
        _ file: CodedFile, _ plan: TilePlan, _ name: String
    ) throws -> (features: [AlignedBuffer<Float>], indices: [[[Int32]]]) {
        var tiles = [(features: AlignedBuffer<Float>, indices: [[Int32]])?](repeating: nil, count: plan.tiles.count)
        try tiles.withUnsafeMutableBufferPointer { tiles in
            let target = UncheckedPointer(tiles.baseAddress!)
            try team.forEach(count: plan.tiles.count) { place, worker in
                do {
                    target.pointer[place] = try coders[worker].decode(file.chunks[place], tile: plan.tiles[place])
                } catch TileCoder.Fault.damaged {
                    throw DatasetError(
                        path: name, problem: "has a chunk \(place + 1) that is no coded tile of its size",
                        remedy: "copy the file again, or encode the image anew")
                } catch TileCoder.Fault.noProbabilities {
                    throw overflow
                }
            }
        }
        return (tiles.map { $0!.features }, tiles.map { $0!.indices })
    }

    private var overflow: DatasetError {
        DatasetError(
            path: path, problem: "gives logits that are not finite for this image",
            remedy: "use a model that was trained further, or with a lower learning rate")
    }

    private var times: CodingTimes { coders.reduce(into: CodingTimes()) { $0 += $1.times } }
}

/// A pointer that threads share; each writes to places of its own.
private struct UncheckedPointer<Element>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Element>

    init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}
