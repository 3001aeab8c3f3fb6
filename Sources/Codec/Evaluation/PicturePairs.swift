import Datasets
import Foundation

/// Decoded pictures and the originals that they stand for.
///
///     let pairs = try PicturePairs(originals: "kodak", decoded: "decoded").pairs
///     print(pairs[0].name)                                    // "kodim01": the file's name without its extension
package struct PicturePairs: Sendable {
    /// A decoded picture and its original.
    package struct Pair: Sendable, Equatable {
        /// What both are called: the file's name without its extension.
        package var name: String
        /// The original's path.
        package var original: String
        /// The decoded picture's path.
        package var decoded: String

        /// Two paths of one name.
        package init(name: String, original: String, decoded: String) {
            self.name = name
            self.original = original
            self.decoded = decoded
        }
    }

    /// Sorted by name.
    package let pairs: [Pair]

    /// Two files, or two folders in which pictures of one name belong together, whatever their format.
    /// - Throws: `LloydError` when a folder cannot be read or holds no pictures, or naming a decoded picture without its
    ///   original.
    package init(originals: String, decoded: String) throws {
        guard FolderListing.isFolder(decoded) else {
            pairs = [Pair(name: Self.name(decoded), original: originals, decoded: decoded)]
            return
        }
        let known = try Self.pictures(in: originals)
        pairs = try Self.pictures(in: decoded).sorted { $0.key < $1.key }.map { name, path in
            guard let original = known[name] else {
                throw LloydError(
                    path: path, problem: "has no original: \(originals) holds no picture \(name)",
                    remedy: "name the folder of the originals first, or take the picture out")
            }
            return Pair(name: name, original: original, decoded: path)
        }
    }

    /// Paths of the pictures that lie directly in a folder, by name; a.png and a.jpg in one folder keep their extensions.
    /// - Throws: `LloydError` when the folder cannot be read or holds no pictures.
    package static func pictures(in folder: String) throws -> [String: String] {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let found = try FolderListing.entries(of: folder)
            .filter { !$0.isFolder && !$0.name.hasPrefix(".") && ImageFolder.isImage($0.name) }
            .map(\.name).sorted()
        let pictures = Dictionary(
            uniqueKeysWithValues: zip(EvaluationRecord.names(of: found), found.map { folder + "/" + $0 }))
        guard !pictures.isEmpty else {
            throw LloydError(
                path: folder,
                problem:
                    "holds no pictures (files ending in \(ImageFolder.extensions.sorted().joined(separator: ", ")))",
                remedy: "name a folder of pictures")
        }
        return pictures
    }

    private static func name(_ path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }
}
