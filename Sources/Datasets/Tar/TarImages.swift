import Foundation

/// The images in one or many tar files, in WebDataset's layout or any other.
///
///     let images = try TarImages("shards-{0..1}.tar", paths: BracePattern.expand("shards-{0..1}.tar"))
///     images.count
///     try images.image(17, pixelLimit: 64 << 20)    // decoded now; nothing is kept
///
/// Numbered by tar file, in the order of their names' bytes, then by their order in it.
struct TarImages: EncodedImages {
    let path: String
    private let files: [TarFile]
    private let members: [TarMembers]
    /// The number behind each file's last image.
    private let ends: [Int]

    /// If there are more files, one is opened for every image.
    private static let mostOpen = 256

    /// - Parameters:
    ///   - path: what the user named, for messages: a tar file, a folder or a pattern.
    ///   - paths: the tar files.
    /// - Throws: `LloydError` for a file that cannot be read or is damaged, and if no file holds an image.
    init(_ path: String, paths: [String]) throws {
        self.path = path
        let staysOpen = paths.count <= Self.mostOpen
        files = try paths.sorted(by: FileName.precedes).map {
            try TarFile($0, staysOpen: staysOpen)
        }
        members = try files.map { try TarMembers(of: $0) }
        var (ends, total) = ([Int](), 0)
        for list in members {
            total += list.count
            ends.append(total)
        }
        self.ends = ends
        guard total > 0 else {
            throw LloydError(
                path: path,
                problem:
                    "holds no images (members ending in \(ImageFolder.extensions.sorted().joined(separator: ", ")))",
                remedy: "name tar files of images")
        }
    }

    var count: Int { ends.last ?? 0 }

    /// The tar file that holds an image, and the image's number in it.
    private func location(_ index: Int) -> (file: Int, member: Int) {
        precondition(index >= 0 && index < count)
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if index < ends[middle] { high = middle } else { low = middle + 1 }
        }
        return (low, index - (low == 0 ? 0 : ends[low - 1]))
    }

    func file(_ index: Int) -> String {
        let location = location(index)
        return members[location.file].name(location.member)
    }

    func itemName(_ index: Int) -> String { files[location(index).file].path + "/" + file(index) }

    func bytes(_ index: Int) throws -> [UInt8] {
        let location = location(index)
        let range = members[location.file].ranges[location.member]
        let bytes = try files[location.file].read(range.lowerBound, count: range.count)
        guard bytes.count == range.count else {
            throw LloydError(
                path: files[location.file].path, problem: "became shorter while it was read",
                remedy: "do not change data while they are read", kind: .unavailable)
        }
        return bytes
    }

    func header(_ index: Int, pixelLimit: Int) throws -> ImageHeader {
        let location = location(index)
        let range = members[location.file].ranges[location.member]
        return try ImageHeader.read(path: itemName(index), size: range.count, pixelLimit: pixelLimit) {
            try files[location.file].read(range.lowerBound, count: min($0, range.count))
        }
    }

    func image(_ index: Int, pixelLimit: Int) throws -> Image {
        let location = location(index)
        let range = members[location.file].ranges[location.member]
        return try Image(path: itemName(index), size: range.count, pixelLimit: pixelLimit) {
            try files[location.file].read(range.lowerBound, count: min($0, range.count))
        }
    }
}
