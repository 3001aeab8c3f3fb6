import Datasets
import Foundation
import ImageMetrics
import Training

/// Codes a collection of images to files and back with one coder: a shard is an image, so each counts once whatever the
/// number of ranks.
///
///     let evaluation = CodecEvaluation(images: kodak, layers: 6, threads: 2) { try VectorTransformCodec(model) }
///     try loop.run(evaluation, shards: kodak.count)
///     evaluation.results[0].bytes                             // the same on any number of ranks; only times differ
///
/// Every file is read back by a decoder of its own; an index or a pixel that differs from the encoder's ends the run.
public final class CodecEvaluation: TrainingMethod {
    /// By image.
    public private(set) var results: [EvaluationRecord.ImageResult] = []
    private let makeCodec: () throws -> any ImageCoder
    private let images: any ImageCollection
    private let layers: Int
    private let keep: ((Int, Data, Image) throws -> Void)?
    /// An encoder and a decoder for each worker, made at its first image.
    private var codecs: [(encoder: any ImageCoder, decoder: any ImageCoder)?]
    private let lock = NSLock()

    /// Numbers of an image that come before the layers' bits: bytes, PSNR, MS-SSIM, then seconds of the parts.
    private static let fixed = 3 + 2 * CodingTimes.parts.count

    /// - Parameters:
    ///   - makeCodec: a codec for one thread.
    ///   - layers: of the model.
    ///   - keep: called with an image's number, its coded file and its decoded image, on the rank that coded it.
    public init(
        images: any ImageCollection, layers: Int, threads: Int,
        keep: ((Int, Data, Image) throws -> Void)? = nil, makeCodec: @escaping () throws -> any ImageCoder
    ) {
        self.images = images
        self.layers = layers
        self.keep = keep
        self.makeCodec = makeCodec
        codecs = Array(repeating: nil, count: threads)
    }

    public var phase: String { "coding images" }
    public var isFinished: Bool { !results.isEmpty }
    public var progress: Double { isFinished ? 1 : 0 }
    public var layout: StatisticsLayout { StatisticsLayout(sums: images.count * (Self.fixed + layers)) }
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
            throw DatasetError(
                path: name, problem: "was decoded to other indices than were encoded",
                remedy: "report this as a defect, with the image and the model")
        }
        let quality = try PictureQuality(image, decoded.image, name: name)
        try keep?(shard, coded.data, decoded.image)
        let first = shard * (Self.fixed + layers)
        let sums = statistics.sums
        sums[first] += Double(coded.data.count)
        sums[first + 1] += quality.psnr
        sums[first + 2] += quality.msSSIM ?? .nan
        for (place, part) in CodingTimes.parts.enumerated() {
            sums[first + 3 + 2 * place] += coded.times.shares(of: encodingSeconds)[part]!
            sums[first + 4 + 2 * place] += decoded.times.shares(of: decodingSeconds)[part]!
        }
        for (layer, bits) in coded.layerBits.enumerated() { sums[first + Self.fixed + layer] += bits }
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
            let first = index * (Self.fixed + layers)
            let bits = (0..<layers).map { total.sums[first + Self.fixed + $0] }
            let size = images.size(index)
            func seconds(_ offset: Int) -> [String: Double] {
                Dictionary(
                    uniqueKeysWithValues: CodingTimes.parts.enumerated().map {
                        ($0.element, total.sums[first + offset + 2 * $0.offset])
                    })
            }
            let similarity = total.sums[first + 2]
            return EvaluationRecord.ImageResult(
                name: names[index], width: size.width, height: size.height,
                bytes: Int(total.sums[first]),
                estimatedBits: bits.reduce(0, +), psnr: total.sums[first + 1],
                msSSIM: similarity.isNaN ? nil : similarity, encodingSeconds: seconds(3),
                decodingSeconds: seconds(4), layerBits: bits)
        }
        return nil
    }
}
