import Codec
import Datasets
import Foundation
import ImageMetrics
import Messaging
import Training

/// Measures a model on whole images: a shard is an image, so each counts once whatever the number of ranks.
///
///     let validation = NVTCValidation(model, lambda: 256, rateConstrained: true, images: kodak)
///     _ = try loop.run(validation, shards: kodak.count)
///     validation.results[0].psnr                              // dB, of the reconstruction rounded to bytes
///
/// Rates are what the entropy model charges, -log2 p for every index: an entropy coder's files are slightly larger.
///
/// Pictures are written by the coordinator alone, so that no other rank needs to see the run folder: it keeps those
/// images that it has coded itself, and codes again the few that other ranks have measured. The model has the same
/// bytes on all ranks, and so have the pictures.
package final class NVTCValidation: TrainingMethod {
    /// What was measured of one image.
    package struct Result: Sendable, Codable, Equatable {
        /// The image's file, or what its collection calls it.
        package var name: String
        /// Of all layers together.
        package var bitsPerPixel: Double
        /// In dB, of 8-bit RGB.
        package var psnr: Double
        /// Bits per pixel of each layer in the order of decoding.
        package var layers: [Double]
    }

    /// Of every image, in the order of the collection; empty until the step is done.
    package private(set) var results: [Result] = []
    private let model: NVTCModel
    private let lambda: Double
    /// What is on when images are coded: everything, with rates if the model was trained with them.
    private let switches: NVTCPhase
    private let images: any ImageCollection
    private let usage: CodewordUsage
    private let fields: Fields
    package let layout: StatisticsLayout
    /// Images that become pictures, and those of them that this rank has coded, as PNG.
    private let pictures: Int
    private var kept: [Int: Data] = [:]
    private let lock = NSLock()

    /// What the images sum up.
    private struct Fields {
        /// Of every image, over its samples, rounded to bytes.
        let squaredErrors: SumsField
        /// A row for every image: bits of each layer in the order of decoding.
        let bits: SumsTable
        /// How often each codeword was chosen, as `CodewordUsage` orders them.
        let counts: SumsField

        init(images: Int, _ usage: CodewordUsage, in layout: inout StatisticsLayout) {
            squaredErrors = layout.addSums(images)
            bits = layout.addTable(rows: images, columns: usage.layers)
            counts = layout.addSums(usage.counts.count)
        }
    }

    /// - Parameters:
    ///   - lambda: what the model was trained for.
    ///   - rateConstrained: whether codewords are chosen with their rate, as in its training.
    ///   - pictures: how many images, from the first, `takeArtifacts` hands over as pictures; 0 on all ranks but the
    ///     coordinator.
    package init(
        _ model: NVTCModel, lambda: Double, rateConstrained: Bool, images: any ImageCollection, pictures: Int = 0
    ) {
        self.pictures = min(pictures, images.count)
        self.model = model
        self.lambda = lambda
        self.images = images
        var phase = NVTCPhase.full(model.architecture)
        phase.rateConstrained = rateConstrained
        switches = phase
        usage = CodewordUsage(model.architecture)
        var layout = StatisticsLayout()
        fields = Fields(images: images.count, usage, in: &layout)
        self.layout = layout
    }

    package var phase: String { "validation" }
    package var isFinished: Bool { !results.isEmpty }
    /// Progress of the training that it belongs to, from 0 to 1: a validation has no share of its own.
    package var progress = 1.0

    package func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        guard shard < images.count else { return }
        let image = try images.image(shard)
        let pass = code(image)
        let reconstruction = pass.image
        if shard < pictures {
            let file = reconstruction.pngData()
            lock.withLock { kept[shard] = file }
        }
        let (own, made) = (image.interleavedBytes(), reconstruction.interleavedBytes())
        statistics[fields.squaredErrors][shard] += zip(own, made).reduce(0.0) {
            let difference = Double($1.0) - Double($1.1)
            return $0 + difference * difference
        }
        let (bits, counts) = (statistics[fields.bits[shard]], statistics[fields.counts])
        for (number, use) in pass.layers.enumerated() {
            bits[number] += use.bits
            let (positions, codewords) = (use.operation.quantizer.positions, use.operation.quantizer.codewords)
            let first = usage.offset(layer: number)
            for row in 0..<use.operation.indices.count {
                counts[first + row % positions * codewords + Int(use.operation.indices[row])] += 1
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
    package func takeArtifacts() -> [Artifact] {
        (0..<pictures).flatMap { index in
            [
                Artifact(path: NVTCPictures.original(index)) { [images] in try images.image(index).writePNG(to: $0) },
                Artifact(path: NVTCPictures.reconstruction(index, lambda: lambda)) { path in
                    let file = try self.kept[index] ?? self.code(self.images.image(index)).image.pngData()
                    try OutputFile.write(file, to: path)
                },
            ]
        }
    }

    package func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        usage.counts = Array(total[fields.counts])
        let squaredErrors = total[fields.squaredErrors]
        results = (0..<images.count).map { index in
            let size = images.size(index)
            let pixels = Double(size.height * size.width)
            let bits = total[fields.bits[index]].map { $0 / pixels }
            return Result(
                name: images.name(index), bitsPerPixel: bits.reduce(0, +),
                psnr: PSNR.decibels(
                    meanSquaredError: squaredErrors[index] / (3 * pixels), peak: 255, limit: .roundingOfBytes),
                layers: bits)
        }
        return nil
    }

    /// Means over the images, and how the codebooks were used.
    /// - Parameter steps: of the model's training.
    func point(steps: Int) -> NVTCRecord.Point {
        let count = Double(results.count)
        return NVTCRecord.Point(
            lambda: lambda, steps: steps, bitsPerPixel: results.reduce(0) { $0 + $1.bitsPerPixel } / count,
            psnr: results.reduce(0) { $0 + $1.psnr } / count,
            layers: model.architecture.decodingOrder.enumerated().map { number, at in
                NVTCRecord.Layer(
                    stage: at.stage, layer: at.layer,
                    bitsPerPixel: results.reduce(0) { $0 + $1.layers[number] } / count,
                    alive: usage.alive(layer: number), codewords: usage.total(layer: number),
                    perplexity: usage.perplexity(layer: number))
            }, images: results)
    }
}
