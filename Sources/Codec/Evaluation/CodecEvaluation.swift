import Datasets
import Foundation
import ImageMetrics
import Training

/// Codes a collection of images to files and back with one coder: a shard is an image, so each counts once whatever the
/// number of ranks.
///
///     let evaluation = CodecEvaluation(images: kodak, layers: 6, threads: 2, makeCodec: makeCodec)
///     _ = try loop.run(evaluation, shards: kodak.count)
///     let bytes = evaluation.results[0].bytes                 // the same on any number of ranks; only times differ
///
/// Every file is read back by a decoder of its own; an index or a pixel that differs from the encoder's ends the run.
public final class CodecEvaluation: TrainingMethod {
    /// What was measured, by image; empty before the step.
    public private(set) var results: [EvaluationRecord.ImageResult] = []
    private let makeCodec: () throws -> any ImageCoder
    private let images: any ImageCollection
    private let keep: ((Int, Data, Image) throws -> Void)?
    /// An encoder and a decoder for each worker, made at its first image.
    private var codecs: [(encoder: any ImageCoder, decoder: any ImageCoder)?]
    private let lock = NSLock()

    /// What the step sums up. Only one shard contributes to an image, so a sum is that image's number.
    private struct Fields {
        var layout = StatisticsLayout()
        /// By image: bytes of its file, PSNR in dB, and MS-SSIM, which is NaN for an image that has none.
        let bytes: SumsField
        let psnr: SumsField
        let msSSIM: SumsField
        /// Seconds by image and, in the order of `CodingTimes.parts`, part of the work.
        let encodingSeconds: SumsTable
        let decodingSeconds: SumsTable
        /// Bits by image and layer.
        let layerBits: SumsTable

        init(images: Int, layers: Int) {
            bytes = layout.addSums(images)
            psnr = layout.addSums(images)
            msSSIM = layout.addSums(images)
            encodingSeconds = layout.addTable(rows: images, columns: CodingTimes.parts.count)
            decodingSeconds = layout.addTable(rows: images, columns: CodingTimes.parts.count)
            layerBits = layout.addTable(rows: images, columns: layers)
        }
    }
    private let fields: Fields

    /// - Parameters:
    ///   - layers: of the model; a coded image has bits for at most so many.
    ///   - threads: the size of the team that will call `map`.
    ///   - keep: called with an image's index, its coded file and its decoded image, on the rank that coded it.
    ///   - makeCodec: a codec for one thread.
    public init(
        images: any ImageCollection, layers: Int, threads: Int,
        keep: ((Int, Data, Image) throws -> Void)? = nil, makeCodec: @escaping () throws -> any ImageCoder
    ) {
        self.images = images
        self.keep = keep
        self.makeCodec = makeCodec
        fields = Fields(images: images.count, layers: layers)
        codecs = Array(repeating: nil, count: threads)
    }

    public var phase: String { "coding images" }
    public var isFinished: Bool { !results.isEmpty }
    public var progress: Double { isFinished ? 1 : 0 }
    public var layout: StatisticsLayout { fields.layout }
    public func takeArtifacts() -> [Artifact] { [] }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        guard shard < images.count else { return }
        let (image, name) = (try images.image(shard), images.name(shard))
        let (encoder, decoder) = try codecs(of: worker)
        let start = ContinuousClock.now
        let coded = try encoder.code(image, name: name)
        let encodingSeconds = (ContinuousClock.now - start).seconds
        let middle = ContinuousClock.now
        let decoded = try decoder.restore(coded.data, name: name)
        let decodingSeconds = (ContinuousClock.now - middle).seconds
        guard decoded.indices == coded.indices else {
            throw LloydError(
                path: name, problem: "was decoded to other indices than were encoded",
                remedy: "report this as a defect, with the image and the model")
        }
        let quality = try PictureQuality(image, decoded.image, name: name)
        try keep?(shard, coded.data, decoded.image)
        statistics[fields.bytes][shard] += Double(coded.data.count)
        statistics[fields.psnr][shard] += quality.psnr
        statistics[fields.msSSIM][shard] += quality.msSSIM ?? .nan
        Self.add(coded.times.shares(of: encodingSeconds), to: statistics[fields.encodingSeconds[shard]])
        Self.add(decoded.times.shares(of: decodingSeconds), to: statistics[fields.decodingSeconds[shard]])
        let layerBits = statistics[fields.layerBits[shard]]
        for (layer, bits) in coded.layerBits.enumerated() { layerBits[layer] += bits }
    }

    private static func add(_ seconds: [String: Double], to sums: UnsafeMutableBufferPointer<Double>) {
        for (index, part) in CodingTimes.parts.enumerated() { sums[index] += seconds[part] ?? 0 }
    }

    private func codecs(of worker: Int) throws -> (encoder: any ImageCoder, decoder: any ImageCoder) {
        if let known = lock.withLock({ codecs[worker] }) { return known }
        let made = (encoder: try makeCodec(), decoder: try makeCodec())
        lock.withLock { codecs[worker] = made }
        return made
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let names = EvaluationRecord.names(of: (0..<images.count).map(images.name))
        results = (0..<images.count).map { index in
            let bits = Array(total[fields.layerBits[index]])
            let size = images.size(index)
            func seconds(_ table: SumsTable) -> [String: Double] {
                Dictionary(uniqueKeysWithValues: zip(CodingTimes.parts, total[table[index]]))
            }
            let similarity = total[fields.msSSIM][index]
            return EvaluationRecord.ImageResult(
                name: names[index], width: size.width, height: size.height,
                bytes: Int(total[fields.bytes][index]),
                estimatedBits: bits.reduce(0, +), psnr: total[fields.psnr][index],
                msSSIM: similarity.isNaN ? nil : similarity, encodingSeconds: seconds(fields.encodingSeconds),
                decodingSeconds: seconds(fields.decodingSeconds), layerBits: bits)
        }
        return nil
    }
}
