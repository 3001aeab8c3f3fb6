import Foundation

/// The images of a folder and the folders within it, or of tar files, each of its own size, in color.
///
///     let photos = try PhotoFolder("photos", atLeast: 256)
///     photos.count                                            // 620
///     let photo = try photos.image(17)                        // decoded now; nothing is kept
///
/// Like `ImageFolder`, but for images that are cropped or coded whole, so that they need not have one size.
public struct PhotoFolder: ImageCollection {
    /// The path as it was given, without a slash at its end.
    public let path: String
    private let images: any EncodedImages
    /// The numbers in `images` of those that are taken.
    private let taken: [Int]
    /// Height and width of every image, from its header.
    public let sizes: [(height: Int, width: Int)]
    private let pixelLimit: Int
    /// No two are equal: members of several tar files that have one name are told apart by their files.
    private let names: [String]

    /// How many images were left out because they are too small.
    public let skipped: Int
    /// Images that are left out because they are damaged.
    public let damaged: [DamagedImage]
    /// How many images are turned upright while they are read.
    public let turned: Int

    /// Lists the folder and reads the headers of its images.
    /// - Parameters:
    ///   - side: the least length of an image's shorter side, in pixels.
    ///   - skipsSmaller: whether smaller images are left out; otherwise they are an error.
    ///   - first: the most images that are taken, in the order of their paths.
    ///   - pixelLimit: larger images are refused.
    ///   - damaged: images to leave out, as if they were not there.
    /// - Throws: `LloydError` if the folder is missing or holds no images, and for the first that is not one, or is
    ///   too small.
    public init(
        _ path: String, atLeast side: Int = 1, skippingSmaller skipsSmaller: Bool = false, first: Int = .max,
        pixelLimit: Int = ImageHeader.defaultPixelLimit, leavingOut damaged: [DamagedImage] = []
    ) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.pixelLimit = pixelLimit
        self.damaged = damaged
        images = try openImages(self.path, leavingOut: damaged)
        var turned = 0
        let all = 0..<min(images.count, first)
        var (taken, sizes) = ([Int](), [(height: Int, width: Int)]())
        for index in all {
            let header = try images.header(index, pixelLimit: pixelLimit)
            guard min(header.width, header.height) >= side else {
                if skipsSmaller { continue }
                throw LloydError(
                    path: images.itemName(index),
                    problem: "has \(header.width)x\(header.height) pixels, too few for crops of \(side)x\(side)",
                    remedy: "choose smaller crops (data.crop), remove the image, or leave out all such images "
                        + "(data.skip-smaller)")
            }
            taken.append(index)
            if header.orientation != .upright { turned += 1 }
            sizes.append((header.height, header.width))
        }
        guard !taken.isEmpty else {
            throw LloydError(
                path: self.path, problem: "holds only images smaller than \(side)x\(side)",
                remedy: "choose smaller crops (data.crop)")
        }
        self.taken = taken
        self.turned = turned
        self.sizes = sizes
        skipped = all.count - taken.count
        names = DistinctNames.choose(
            taken.count,
            forms: [{ [images] in images.file(taken[$0]) }, { [images] in Self.longName(images, taken[$0]) }])
    }

    public var count: Int { taken.count }
    public func name(_ index: Int) -> String { FileName.printable(names[index]) }
    public func size(_ index: Int) -> (height: Int, width: Int) { sizes[index] }

    /// "shard-001/0042.png" for the member 0042.png of shard-001.tar.
    private static func longName(_ images: any EncodedImages, _ index: Int) -> String {
        let (path, file) = (images.itemName(index), images.file(index))
        let container = (String(path.dropLast(file.count + 1)) as NSString).lastPathComponent as NSString
        return container.deletingPathExtension + "/" + file
    }

    public func image(_ index: Int) throws -> Image {
        try images.image(taken[index], pixelLimit: pixelLimit).rgb()
    }
}

/// Color images, any of which can be read on any rank without reading the others.
public protocol ImageCollection: Sendable {
    /// How many images there are.
    var count: Int { get }
    /// The name of the image in reports; no two are equal.
    func name(_ index: Int) -> String
    /// Height and width in pixels.
    func size(_ index: Int) -> (height: Int, width: Int)
    /// The image with three channels, samples between 0 and 1.
    /// - Throws: `LloydError` if it cannot be read or is damaged.
    func image(_ index: Int) throws -> Image
}

/// The images of a source of vectors as a collection.
///
///     let leaves = VectorImages(DeadLeaves(count: 24, width: 64, height: 64, seed: 1))
///     let image = try leaves.image(3)
public struct VectorImages: ImageCollection {
    private let source: any VectorSource
    private let shape: ImageShape

    /// - Precondition: the source's vectors are images (`imageShape` is not nil).
    public init(_ source: any VectorSource) {
        guard let shape = source.imageShape else { preconditionFailure("\(source.name) does not hold images") }
        self.source = source
        self.shape = shape
    }

    public var count: Int { source.count }
    public func name(_ index: Int) -> String { "image-\(index)" }
    public func size(_ index: Int) -> (height: Int, width: Int) { (shape.height, shape.width) }

    public func image(_ index: Int) throws -> Image {
        var samples = [Float](repeating: 0, count: source.dimension)
        try samples.withUnsafeMutableBufferPointer { try source.read(index, into: $0) }
        return Image(samples, shape: shape).rgb()
    }
}
