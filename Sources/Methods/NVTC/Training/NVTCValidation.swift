import Codec
import Datasets
import Foundation
import ImageMetrics
import Messaging
import Training

/// Measures a model on whole images: a shard is an image, so each counts once whatever the number of ranks.
///
///     let validation = NVTCValidation(model, lambda: 256, rateConstrained: true, images: kodak)
///     try loop.run(validation, shards: kodak.count)
///     validation.results[0].psnr                              // dB, of the reconstruction rounded to bytes
///
/// Rates are what the entropy model charges, -log2 p for every index: an entropy coder's files are larger by little.
///
/// Pictures are written by the coordinator alone, so that no other rank needs to see the run folder: it keeps those images
/// that it has coded itself, and codes the few again that other ranks have measured. The model has the same bytes on all
/// ranks, and so have the pictures.
public final class NVTCValidation: TrainingMethod {
    /// One image.
    public struct Result: Sendable, Codable, Equatable {
        public var name: String
        public var bitsPerPixel: Double
        /// Of 8-bit RGB.
        public var psnr: Double
        /// Bits per pixel of each layer in the order of decoding.
        public var layers: [Double]
    }

    public private(set) var results: [Result] = []
    private let model: NVTCModel
    private let lambda: Double
    private let switches: NVTCPhase
    private let images: any ImageCollection
    private let layers: Int
    private let usage: CodewordUsage
    /// Images that become pictures, and those of them that this rank has coded, as PNG.
    private let pictures: Int
    private var kept: [Int: Data] = [:]
    private let lock = NSLock()

    /// - Parameter pictures: how many images, from the first, `takeArtifacts` hands over as pictures: 0 where nobody asks.
    public init(
        _ model: NVTCModel, lambda: Double, rateConstrained: Bool, images: any ImageCollection, pictures: Int = 0
    ) {
        self.pictures = min(pictures, images.count)
        self.model = model
        self.lambda = lambda
        self.images = images
        var phase = NVTCPhase.full(model.architecture)
        phase.rateConstrained = rateConstrained
        switches = phase
        layers = model.architecture.decodingOrder.count
        usage = CodewordUsage(model.architecture)
    }

    public var phase: String { "validation" }
    public var isFinished: Bool { !results.isEmpty }
    /// What the training that it belongs to has done: it takes no share of its own.
    public var progress = 1.0
    public var layout: StatisticsLayout { StatisticsLayout(sums: images.count * (layers + 1) + usage.counts.count) }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        guard shard < images.count else { return }
        let image = try images.image(shard)
        let pass = code(image)
        let first = shard * (layers + 1)
        let reconstruction = pass.image
        if shard < pictures {
            let file = reconstruction.pngData()
            lock.withLock { kept[shard] = file }
        }
        let (own, made) = (image.interleavedBytes(), reconstruction.interleavedBytes())
        statistics.sums[first] += zip(own, made).reduce(0.0) {
            let difference = Double($1.0) - Double($1.1)
            return $0 + difference * difference
        }
        let counts = images.count * (layers + 1)
        for (place, use) in pass.layers.enumerated() {
            statistics.sums[first + 1 + place] += use.bits
            let (positions, codewords) = (use.operation.quantizer.positions, use.operation.quantizer.codewords)
            for row in 0..<use.operation.indices.count {
                let codeword = row % positions * codewords + Int(use.operation.indices[row])
                statistics.sums[counts + usage.offset(layer: place) + codeword] += 1
            }
        }
    }

    /// The model run forward on a whole image.
    private func code(_ image: Image) -> NVTCPass {
        let pass = NVTCPass(model, height: image.height, width: image.width, phase: switches, isTraining: false)
        pass.setObjective(lambda: lambda, images: 1)
        pass.set(image)
        pass.tape.forward()
        return pass
    }

    /// Originals and reconstructions of the first images.
    public func takeArtifacts() -> [Artifact] {
        (0..<pictures).flatMap { index in
            [
                Artifact(path: NVTCPictures.original(index)) { [images] in try images.image(index).writePNG(to: $0) },
                Artifact(path: NVTCPictures.reconstruction(index, lambda: lambda)) { path in
                    let file = try self.kept[index] ?? self.code(self.images.image(index)).image.pngData()
                    try AtomicFile.write(file, to: path)
                },
            ]
        }
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        for place in usage.counts.indices { usage.counts[place] = total.sums[images.count * (layers + 1) + place] }
        results = (0..<images.count).map { index in
            let first = index * (layers + 1)
            let size = images.size(index)
            let pixels = Double(size.height * size.width)
            let bits = (0..<layers).map { total.sums[first + 1 + $0] / pixels }
            return Result(
                name: images.name(index), bitsPerPixel: bits.reduce(0, +),
                psnr: PSNR.decibels(
                    meanSquaredError: total.sums[first] / (3 * pixels), peak: 255, limit: .roundingOfBytes),
                layers: bits)
        }
        return nil
    }

    /// Means over the images, and how the codebooks were used.
    func point(steps: Int) -> NVTCRecord.Point {
        let count = Double(results.count)
        return NVTCRecord.Point(
            lambda: lambda, steps: steps, bitsPerPixel: results.reduce(0) { $0 + $1.bitsPerPixel } / count,
            psnr: results.reduce(0) { $0 + $1.psnr } / count,
            layers: model.architecture.decodingOrder.enumerated().map { place, at in
                NVTCRecord.Layer(
                    stage: at.stage, layer: at.layer,
                    bitsPerPixel: results.reduce(0) { $0 + $1.layers[place] } / count,
                    alive: usage.alive(layer: place), codewords: usage.total(layer: place),
                    perplexity: usage.perplexity(layer: place))
            }, images: results)
    }
}
