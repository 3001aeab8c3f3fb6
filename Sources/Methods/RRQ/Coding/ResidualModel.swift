import Codec
import Datasets
import Foundation
import Numerics
import Quantization

/// What codes images with the layers of an RRQ run: its pre-processing, its codebooks, and how often codewords were taken.
///
///     let model = try ResidualModel(runFolder: "runs/rrq-faces", layers: 40)     // nil for all there are
///     model.shape                                             // 168 x 192, gray: all images must have this size
///     model.fingerprint(entropyCoded: true)                   // files name by it what they were coded with
///
/// Fingerprints are those of the layers that were read: a file of the first 40 layers needs no later one to be decoded.
///
/// Source: RRQ paper, section II: an image is the list of its codewords' indices, layer by layer.
final class ResidualModel {
    let runFolder: String
    /// Of the images that it codes.
    let shape: ImageShape
    let transform: DecorrelatingTransform
    let codebooks: [SparseCodebook]
    /// From the training's counts; nil if some layer's file has none.
    let tables: [FrequencyTable]?
    /// The checksum of pre-processing and codebooks, and of the counts, too.
    private let fingerprints: (plain: UInt64, counted: UInt64)

    /// - Parameter layers: how many, from the first; nil for all.
    /// - Throws: `LloydError` for a run that does not hold such a model, or a damaged file of it.
    init(runFolder: String, layers wanted: Int?) throws {
        let trained = try TrainedLayers(runFolder: runFolder, count: wanted)
        guard let shape = trained.transform.shape else {
            throw LloydError(
                path: runFolder + "/" + TransformFile.name, problem: "is of a run on vectors that are not images",
                remedy: "code images with a run that was trained on images; vectors become codes by `lloyd quantize`")
        }
        self.runFolder = runFolder
        self.shape = shape
        transform = trained.transform
        codebooks = trained.codebooks
        let tables = trained.usages.compactMap { $0.flatMap(FrequencyTable.init(counts:)) }
        self.tables = tables.count == codebooks.count ? tables : nil
        fingerprints = trained.fingerprints
    }

    /// How many layers were read.
    var layers: Int { codebooks.count }

    /// Whether indices can be entropy-coded: the run has counted how often training vectors took each codeword.
    var hasCounts: Bool { tables != nil }

    /// The checksum that files carry. Without entropy coding the counts do not matter.
    func fingerprint(entropyCoded: Bool) -> UInt64 {
        entropyCoded ? fingerprints.counted : fingerprints.plain
    }

    // MARK: Images and indices

    /// The codeword of each layer for an image of the model's size and channels.
    func indices(of image: Image) -> [Int32] {
        precondition(image.width == shape.width && image.height == shape.height && image.channels == shape.channels)
        let vector = AlignedBuffer<Float>(count: transform.dimension)
        let scratch = AlignedBuffer<Float>(count: transform.restoreScratchCount(1))
        image.samples.withUnsafeBufferPointer {
            transform.decorrelate($0.baseAddress!, into: vector.pointer, scratch: scratch.pointer)
        }
        let compact = scratch.pointer
        return codebooks.map { codebook in
            let active = codebook.active.count
            codebook.gather(vector.pointer, into: compact)
            var best = (index: 0, distance: Float.infinity)
            for codeword in 0..<codebook.codewords {
                let distance = squaredDistance(
                    compact, codebook.values.pointer + codeword * active, dimension: active)
                if distance < best.distance { best = (codeword, distance) }
            }
            let codeword = codebook.values.pointer + best.index * active
            for entry in 0..<active { compact[entry] -= codeword[entry] }
            codebook.scatter(compact, into: vector.pointer)
            return Int32(best.index)
        }
    }

    /// The image that the first layers' codewords add up to. The sum is exact in its order; undoing the pre-processing
    /// rounds as this machine's matrix products do.
    /// - Precondition: no more indices than layers, each that of a codeword.
    func image(of indices: [Int32]) -> Image {
        precondition(indices.count <= layers)
        let vector = AlignedBuffer<Float>(count: transform.dimension)
        let scratch = AlignedBuffer<Float>(count: transform.restoreScratchCount(1))
        for (codebook, index) in zip(codebooks, indices) {
            let codeword = codebook.values.pointer + Int(index) * codebook.active.count
            for (entry, dimension) in codebook.active.enumerated() {
                vector.pointer[Int(dimension)] += codeword[entry]
            }
        }
        transform.restorePixels(vector.pointer, count: 1, scratch: scratch.pointer)
        return Image(
            width: shape.width, height: shape.height, channels: shape.channels, samples: Array(vector.elements))
    }
}
