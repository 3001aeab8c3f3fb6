import Foundation
import Numerics

/// The images of a folder and the folders within it, in the order of their relative paths, or of tar files.
///
///     let faces = try ImageFolder("cropped-yale", color: .gray)
///     faces.count                                   // 2414
///     faces.group(0)                                // "yaleB01", the folder the image lies in
///     try faces.read(0, into: row)                  // 168 * 192 samples between 0 and 1
///
/// `cropped-yale.tar`, a folder of tar files and a pattern such as `faces-{000..063}.tar` do as well; images then come in
/// the order of the tar files' names, and within each in its own order. Files ending in png, jpg, jpeg, pgm, ppm or pnm, in any
/// case, are taken; hidden files and folders are not. All images must have one size, unless `resize` brings them to one.
/// In a tar file, an image that is a link, a device or a sparse file is an error that names it, and so is a name that
/// appears twice. Nothing is kept in memory but the names, so ranks read only what they ask for.
public struct ImageFolder: VectorSource {
    /// What the samples of an item are; the raw values are those of configs.
    public enum Color: String, Sendable, CaseIterable {
        /// One channel; color images are converted to luma (Rec. 601).
        case gray = "grey"
        /// Three channels; that of a gray image is repeated.
        case rgb
    }

    /// The extensions of files that are read as images, in lower case; files may have them in any case.
    public static let extensions: Set<String> = ["png", "jpg", "jpeg", "pgm", "ppm", "pnm"]

    /// Whether a file is read as an image, by its name alone.
    public static func isImage(_ file: String) -> Bool { extensions.contains(PathName.suffix(file)) }

    /// The path as it was given, without a slash at its end.
    public let name: String
    /// What the samples of an item are.
    public let color: Color
    private let images: any EncodedImages
    /// The paths of the images relative to the folder or tar file, in the order of their numbers.
    public var files: [String] { (0..<count).map(images.file) }
    /// The size of the images in their files; that of the first one if they are resized.
    public let fileShape: ImageShape
    private let shape: ImageShape
    private let isResized: Bool
    private let pixelLimit: Int
    /// Images that are left out because they are damaged.
    public let damaged: [DamagedImage]
    /// How many images are turned upright while they are read, of those whose headers were read.
    public private(set) var turned = 0

    /// Opens a folder or tar files: lists it and reads the headers of its images, not their pixels.
    ///
    /// - Parameters:
    ///   - path: a folder of images, a tar file, a folder of tar files, or a pattern of them.
    ///   - color: what the samples of an item are.
    ///   - resize: brings every image to this size by bicubic interpolation while reading; then images may differ in
    ///     size and in proportions; proportions are not kept.
    ///   - checkingHeaders: whether all headers are read here, so that a file that does not fit is found before any work
    ///     is done. Otherwise only the first is read, and a file that does not fit is an error when it is read.
    ///   - pixelLimit: larger images are refused before memory is allocated for them.
    ///   - damaged: images to leave out, as if they were not there.
    /// - Throws: `LloydError` if the folder is missing, cannot be read or holds no images, and for the first image
    ///   that is not one or differs in size.
    public init(
        _ path: String, color: Color, resize: (width: Int, height: Int)? = nil, checkingHeaders: Bool = true,
        pixelLimit: Int = ImageHeader.defaultPixelLimit, leavingOut damaged: [DamagedImage] = []
    ) throws {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        name = path
        self.color = color
        self.pixelLimit = pixelLimit
        isResized = resize != nil
        self.damaged = damaged
        images = try openImages(path, leavingOut: damaged)
        if let resize, resize.width < 1 || resize.height < 1 || resize.width > 1 << 20 || resize.height > 1 << 20 {
            throw LloydError(
                path: path, problem: "cannot be resized to \(resize.width)x\(resize.height) pixels",
                remedy: "choose a width and a height of at least 1")
        }
        let channels = color == .gray ? 1 : 3
        let header = try images.header(0, pixelLimit: pixelLimit)
        fileShape = ImageShape(width: header.width, height: header.height, channels: channels)
        shape = ImageShape(
            width: resize?.width ?? header.width, height: resize?.height ?? header.height, channels: channels)
        turned = header.orientation == .upright ? 0 : 1
        for index in 1..<(checkingHeaders ? images.count : 1) {
            let header = try images.header(index, pixelLimit: pixelLimit)
            if header.orientation != .upright { turned += 1 }
            try checkSize(width: header.width, height: header.height, index: index)
        }
    }

    public var count: Int { images.count }
    public var dimension: Int { shape.count }
    public var imageShape: ImageShape? { shape }

    /// The path of the image, as it can be opened.
    public func itemName(_ index: Int) -> String { images.itemName(index) }

    /// The folder the image lies in, relative to `name`; "." for an image that lies directly in it.
    public func group(_ index: Int) -> String? {
        let file = images.file(index)
        guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return String(file[..<slash])
    }

    /// The image as the source gives it: in its color and at its size.
    /// - Throws: `LloydError` if it cannot be read, is damaged, or has another size than the first.
    public func image(_ index: Int) throws -> Image {
        var image = try images.image(index, pixelLimit: pixelLimit)
        try checkSize(width: image.width, height: image.height, index: index)
        image = color == .gray ? image.gray() : image.rgb()
        return isResized ? image.resized(width: shape.width, height: shape.height) : image
    }

    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        precondition(destination.count == dimension)
        _ = destination.update(fromContentsOf: try image(index).samples)
    }

    private func checkSize(width: Int, height: Int, index: Int) throws {
        guard !isResized, width != fileShape.width || height != fileShape.height else { return }
        throw LloydError(
            path: itemName(index),
            problem:
                "has \(width)x\(height) pixels, but \(itemName(0)) has \(fileShape.width)x\(fileShape.height), and "
                + "all images must have one size",
            remedy: "crop the images to one size, remove those that differ, or give a size to resize them to")
    }
}
