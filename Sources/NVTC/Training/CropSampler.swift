import Datasets
import Numerics

/// Random crops of a collection's images, some of them mirrored, by counter: the same whoever asks.
///
///     let sampler = CropSampler(images: photos, size: 256, seed: 1)
///     try sampler.fill(pass, item: 17)                        // the 17th crop of the run
public struct CropSampler: Sendable {
    private let images: any ImageCollection
    private let size: Int
    private let random: CounterRandom

    /// - Parameter stream: tells apart the trainings of one run.
    public init(images: any ImageCollection, size: Int, seed: UInt64, stream: Int) {
        self.images = images
        self.size = size
        random = CounterRandom(seed: seed, purpose: .imageCrops, step: stream)
    }

    /// - Throws: `DatasetError` for an image that cannot be read.
    func fill(_ pass: NVTCPass, item: Int) throws {
        let index = random.integer(below: images.count, item: item, draw: 0)
        let image = try images.image(index)
        guard image.height >= size, image.width >= size else {
            throw DatasetError(
                path: images.name(index),
                problem: "has \(image.width)x\(image.height) pixels, too few for crops of \(size)x\(size)",
                remedy: "take the image out, or choose smaller crops (data.crop)")
        }
        pass.set(
            image, top: random.integer(below: image.height - size + 1, item: item, draw: 1),
            left: random.integer(below: image.width - size + 1, item: item, draw: 2),
            isFlipped: random.integer(below: 2, item: item, draw: 3) == 1)
    }
}
