import Codec
import Datasets
import Foundation
import Numerics
import Training

extension CodedFile.Kind {
    /// Tiles of an image coded by an NVTC model. Parameters: channels (1 or 3).
    package static let vectorTransform = CodedFile.Kind(number: 1, parameters: 1)
}

/// Images to files and back with an NVTC model.
///
///     let codec = try VectorTransformCodec(NVTCModelFile("models/nvtc-256.safetensors"), threads: 2)
///     let coded = try codec.encode(Image(path: "kodim01.png"))
///     try OutputFile.write(coded.file.data, to: "kodim01.lloyd")
///     let file = try CodedFile(path: "kodim01.lloyd", kinds: [.vectorTransform])
///     let decoded = try codec.decode(file, name: "kodim01.lloyd")
///
/// The decoder's part of the model runs with reproducible arithmetic on both sides, and probabilities become integers
/// by elementwise arithmetic: a file decodes to the same indices and the same pixels whatever the number of threads,
/// the width of registers or the version of any library that coded it. A chunk of the file is a tile (`TilePlan`), one
/// stream of rANS over all layers in the order of decoding.
///
/// Gray images are coded as three equal channels. They come back gray, by luma.
package final class VectorTransformCodec {
    /// A coded image and what coding it took.
    package struct Coded {
        /// A chunk for each tile.
        package var file: CodedFile
        /// Bits that the entropy model charges, by layer in the order of decoding.
        package var layerBits: [Double]
        /// The codeword of each vector, by tile and layer.
        package var indices: [[[Int32]]]
        /// Seconds of each kind of work, over all threads.
        package var times: CodingTimes
    }

    /// A decoded image and what decoding it took.
    package struct Decoded {
        /// Samples from 0 to 1, not clamped; one channel if the coded image had one.
        package var image: Image
        /// The codeword of each vector, by tile and layer: the encoder's.
        package var indices: [[[Int32]]]
        /// Seconds of each kind of work, over all threads.
        package var times: CodingTimes
    }

    /// Of the model: coded files name it.
    package let fingerprint: UInt64
    /// Of the model.
    package let architecture: NVTCArchitecture
    /// The model's file, for errors.
    private let path: String
    private let team: Team
    /// One for each thread.
    private let coders: [TileCoder]
    /// Models of convolutions look beyond tiles in every layer: an image is one tile, up to a size.
    private let isLocal: Bool
    /// Pixels of an image that is coded in one tile.
    static let wholeLimit = 4 << 20

    /// - Parameter threads: coders that share the tiles of an image, each with a tile's memory.
    /// - Throws: `LloydError` for a damaged model, or one with more than 4096 codewords in a codebook.
    package init(_ file: NVTCModelFile, threads: Int = 1) throws {
        FusedMultiplyAdd.require()
        let model = try file.model()
        guard model.architecture.stages.allSatisfy({ $0.codewords <= 4096 }) else {
            throw LloydError(
                path: file.path, problem: "has more than 4096 codewords in a codebook",
                remedy: "code with a model that has fewer")
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
            throw LloydError(
                path: name,
                problem: "has \(width)x\(height) pixels; models of convolutions code at most \(Self.wholeLimit) pixels",
                remedy: "use a model of vector transform units, or cut the image")
        }
        return TilePlan(height: height, width: width, alignment: architecture.alignment, isWhole: !isLocal)
    }

    /// Codes an image of one or three channels.
    /// - Parameter name: what errors call the image.
    /// - Throws: `LloydError` for an image that is too large, or a model whose numbers overflow on it.
    package func encode(_ image: Image, name: String = "the image") throws -> Coded {
        guard image.width <= CodedFile.sideLimit, image.height <= CodedFile.sideLimit else {
            throw LloydError(
                path: name,
                problem: "is \(image.width)x\(image.height); sides have at most \(CodedFile.sideLimit) pixels",
                remedy: "cut the image")
        }
        let plan = try plan(height: image.height, width: image.width, name: name)
        let colors = image.rgb()
        for coder in coders { coder.resetTimes() }
        let tiles: [TileCoder.Coded]
        do {
            tiles = try map(plan.tiles) { tile, _, coder in try coder.encode(colors, tile: tile, plan: plan) }
        } catch TileCoder.Fault.noProbabilities {
            throw overflow
        }
        var file = CodedFile(
            kind: .vectorTransform, fingerprint: fingerprint, width: image.width, height: image.height,
            parameters: [image.channels])
        file.chunks = tiles.map(\.bytes)
        let layers = architecture.decodingOrder.indices
        return Coded(
            file: file, layerBits: layers.map { layer in tiles.reduce(0) { $0 + $1.layerBits[layer] } },
            indices: tiles.map(\.indices), times: times)
    }

    /// Decodes an image.
    /// - Parameter name: what errors call the file.
    /// - Throws: `LloydError` for a file of another model or kind, or a damaged chunk.
    package func decode(_ file: CodedFile, name: String) throws -> Decoded {
        func fault(_ problem: String, _ remedy: String) -> LloydError {
            LloydError(path: name, problem: problem, remedy: remedy)
        }
        guard file.kind == .vectorTransform else {
            throw fault("does not come from an NVTC model", "decode it with the run that encoded it")
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
                "holds \(file.chunks.count) chunks, but an image of its size has \(plan.tiles.count)",
                "copy the file again, or encode the image anew")
        }
        for coder in coders { coder.resetTimes() }
        let (features, indices) = try decodeTiles(file, plan, name)
        var samples = [Float](repeating: 0, count: 3 * file.height * file.width)
        try samples.withUnsafeMutableBufferPointer { samples in
            let target = UncheckedPointer(samples.baseAddress!)
            try team.forEach(count: plan.tiles.count) { index, worker in
                coders[worker].restore(
                    plan.tiles[index], plan: plan, features: features, to: target.pointer, height: file.height,
                    width: file.width)
            }
        }
        let image = Image(width: file.width, height: file.height, channels: 3, samples: samples)
        return Decoded(image: channels == 1 ? image.gray() : image, indices: indices, times: times)
    }

    /// The features and the indices of each tile.
    private func decodeTiles(
        _ file: CodedFile, _ plan: TilePlan, _ name: String
    ) throws -> (features: [AlignedBuffer<Float>], indices: [[[Int32]]]) {
        let tiles = try map(plan.tiles) { tile, index, coder in
            do {
                return try coder.decode(file.chunks[index], tile: tile)
            } catch TileCoder.Fault.damaged {
                throw LloydError(
                    path: name, problem: "has a chunk \(index + 1) that is not a coded tile of its size",
                    remedy: "copy the file again, or encode the image anew")
            } catch TileCoder.Fault.noProbabilities {
                throw overflow
            }
        }
        return (tiles.map(\.features), tiles.map(\.indices))
    }

    /// What the team's coders make of each tile, in the order of tiles.
    private func map<Result>(
        _ tiles: [TilePlan.Tile], _ body: (_ tile: TilePlan.Tile, _ index: Int, _ coder: TileCoder) throws -> Result
    ) throws -> [Result] {
        var results = [Result?](repeating: nil, count: tiles.count)
        try results.withUnsafeMutableBufferPointer { results in
            let target = UncheckedPointer(results.baseAddress!)
            try team.forEach(count: tiles.count) { index, worker in
                target.pointer[index] = try body(tiles[index], index, coders[worker])
            }
        }
        // All of them are there if nothing was thrown.
        return results.compactMap { $0 }
    }

    private var overflow: LloydError {
        LloydError(
            path: path, problem: "gives logits that are not finite for this image",
            remedy: "use a model that was trained further, or with a lower learning rate")
    }

    private var times: CodingTimes { coders.reduce(into: CodingTimes()) { $0 += $1.times } }
}

/// A pointer that threads share; each writes to elements of its own.
private struct UncheckedPointer<Element>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Element>

    init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}
