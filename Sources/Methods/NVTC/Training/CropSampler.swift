import Datasets
import Numerics

/// Random crops of a collection's images, some of them mirrored, drawn by counter: an item's crop is the same on every
/// rank.
///
///     let sampler = CropSampler(images: photos, size: 256, seed: 1, stream: 0)
///     try sampler.crop(17, isWhole: true).fill(pass)          // item 17 of the run
struct CropSampler: Sendable {
    private let images: any ImageCollection
    private let size: Int
    private let random: CounterRandom

    /// - Parameters:
    ///   - size: height and width of crops in pixels.
    ///   - stream: tells the trainings of one run apart.
    init(images: any ImageCollection, size: Int, seed: UInt64, stream: Int) {
        self.images = images
        self.size = size
        random = CounterRandom(seed: seed, purpose: .imageCrops, step: stream)
    }

    /// A part of an image, as it is or mirrored.
    struct Crop {
        var image: Image
        var top: Int
        var left: Int
        var isFlipped: Bool

        /// Copies the crop into the pass's input.
        func fill(_ pass: NVTCPass) { pass.set(image, top: top, left: left, isFlipped: isFlipped) }
    }

    /// - Parameters:
    ///   - item: counts all crops of a training.
    ///   - isWhole: whether the crop may keep the whole image; otherwise it is cut out, to take little memory.
    /// - Throws: `LloydError` for an image that cannot be read.
    func crop(_ item: Int, isWhole: Bool) throws -> Crop {
        let index = random.integer(below: images.count, item: item, draw: 0)
        let image = try images.image(index)
        guard image.height >= size, image.width >= size else {
            throw LloydError(
                path: images.name(index),
                problem: "has \(image.width)x\(image.height) pixels, too few for crops of \(size)x\(size)",
                remedy: "remove the image, or choose smaller crops (data.crop)")
        }
        let crop = Crop(
            image: image, top: random.integer(below: image.height - size + 1, item: item, draw: 1),
            left: random.integer(below: image.width - size + 1, item: item, draw: 2),
            isFlipped: random.integer(below: 2, item: item, draw: 3) == 1)
        return isWhole ? crop : cut(crop)
    }

    /// The same crop as an image of its own.
    private func cut(_ crop: Crop) -> Crop {
        let image = crop.image
        let samples = [Float](unsafeUninitializedCapacity: image.channels * size * size) { samples, filled in
            image.samples.withUnsafeBufferPointer { source in
                for row in 0..<image.channels * size {
                    let (channel, y) = (row / size, crop.top + row % size)
                    let start = source.baseAddress! + (channel * image.height + y) * image.width + crop.left
                    (samples.baseAddress! + row * size).initialize(from: start, count: size)
                }
            }
            filled = image.channels * size * size
        }
        let part = Image(width: size, height: size, channels: image.channels, samples: samples)
        return Crop(image: part, top: 0, left: 0, isFlipped: crop.isFlipped)
    }
}
