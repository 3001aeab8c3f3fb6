import Foundation

/// Images as files hold them, wherever these lie: in a folder, or in tar files.
///
///     let images = try openImages("photos")         // or "photos.tar", or "photos-{000..127}.tar"
///     images.file(0)                                // "berlin/a.jpg"
///     let first = try images.image(0, pixelLimit: 64 << 20)
protocol EncodedImages: Sendable {
    var count: Int { get }
    /// The image's path within the folder or the tar file.
    func file(_ index: Int) -> String
    /// The name of the image in messages: its path as it can be opened.
    func itemName(_ index: Int) -> String
    /// The image's file.
    func bytes(_ index: Int) throws -> [UInt8]
    func header(_ index: Int, pixelLimit: Int) throws -> ImageHeader
    func image(_ index: Int, pixelLimit: Int) throws -> Image
}

/// The image files of a folder and the folders within it, in the order of their paths' bytes.
struct FolderImages: EncodedImages {
    let path: String
    let files: [String]

    var count: Int { files.count }
    func file(_ index: Int) -> String { files[index] }
    func itemName(_ index: Int) -> String { path + "/" + files[index] }
    func bytes(_ index: Int) throws -> [UInt8] {
        let file = try OpenFile(itemName(index))
        return try file.prefix(file.size)
    }
    func header(_ index: Int, pixelLimit: Int) throws -> ImageHeader {
        try ImageHeader(path: itemName(index), pixelLimit: pixelLimit)
    }
    func image(_ index: Int, pixelLimit: Int) throws -> Image {
        try Image(path: itemName(index), pixelLimit: pixelLimit)
    }
}

/// Opens a folder of images, a tar file, a folder of tar files, or the tar files that a pattern like
/// `shards-{000..012}.tar` stands for.
///
/// - Parameter damaged: images to leave out.
/// - Throws: `LloydError` if there are none, for tar files that are compressed or damaged, and for a folder that
///   holds images and tar files.
func openImages(_ path: String, leavingOut damaged: [DamagedImage]) throws -> any EncodedImages {
    let images = try openImages(path)
    guard !damaged.isEmpty else { return images }
    return try SelectedImages(images, leavingOut: Set(damaged.map(\.index)), path: path)
}

func openImages(_ path: String) throws -> any EncodedImages {
    let compressed = ["tgz", "tbz", "tbz2", "txz", "tzst", "gz", "bz2", "xz", "zst", "zip"]
    let suffix = PathName.suffix(path)
    if suffix == "tar" { return try TarImages(path, paths: try BracePattern.expand(path)) }
    var status = stat()
    let isFile = FileName.withPath(path, { stat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFREG
    if compressed.contains(suffix), isFile || path.contains("{") {
        throw LloydError(
            path: path, problem: "is compressed, so its members cannot be read one by one",
            remedy: "decompress it to a plain .tar file; images are compressed already")
    }
    let all = try FolderListing(path: path, extensions: ImageFolder.extensions.union(compressed).union(["tar"])).files
    var (images, tars, packed) = ([String](), [String](), [String]())
    for file in all {
        let suffix = PathName.suffix(file)
        if ImageFolder.extensions.contains(suffix) {
            images.append(file)
        } else if suffix == "tar" {
            tars.append(file)
        } else {
            packed.append(file)
        }
    }
    guard images.isEmpty || tars.isEmpty else {
        throw LloydError(
            path: path, problem: "holds both images (\(images[0])) and tar files (\(tars[0]))",
            remedy: "keep them in different folders")
    }
    if !tars.isEmpty { return try TarImages(path, paths: tars.map { path + "/" + $0 }) }
    if !images.isEmpty { return FolderImages(path: path, files: images) }
    guard packed.isEmpty else {
        throw LloydError(
            path: path, problem: "holds no images, but compressed files such as \(packed[0])",
            remedy: "decompress them to images or plain .tar files")
    }
    throw LloydError(
        path: path,
        problem: "holds no images (files ending in \(ImageFolder.extensions.sorted().joined(separator: ", ")))",
        remedy: "name a folder of images, or of .tar files of images")
}
