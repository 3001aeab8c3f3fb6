import Codec
import Datasets
import Foundation
import MethodKit
import Training

/// Reads data whole, item by item.
///
///     let result = try DataCheck("photos").run(team: Team(threads: 8)) { done, count in print(done, count) }
///     result.damaged.map(\.name)
struct DataCheck {
    /// What is read in one go: an image, some rows of a file, a tensor.
    struct Item {
        var name: String
        /// - Returns: what was found, for the summary.
        /// - Throws: `LloydError` for what is damaged or cannot be read.
        var read: @Sendable () throws -> Found
    }

    /// What an item was.
    struct Found {
        /// Such as "PNG, RGB, 8 bits" or "vectors of 128 components".
        var kind: String
        /// How many of that kind: rows of vectors come in packs.
        var count = 1
        var bytes = 0
        var size: Size?
        var isTurned = false
        var fingerprint: UInt64?
        var damage: String?
    }

    struct Size: Hashable, Encodable {
        var width: Int
        var height: Int
    }

    let path: String
    private let items: [Item]
    /// Damage that hides items, found while they were listed.
    private let known: [DataCheckResult.Damaged]

    /// Lists what is to be read.
    /// - Throws: `LloydError` if there is nothing to read at the path.
    init(_ path: String) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let list = try Self.list(self.path)
        (items, known) = (list.items, list.damaged)
        guard !items.isEmpty || !known.isEmpty else {
            throw LloydError(
                path: path, problem: "holds nothing that can be checked",
                remedy: "name images, tar files, .npy, .fvecs, .ivecs, .bvecs, .safetensors or .lloyd files, or a run "
                    + "folder")
        }
    }

    // MARK: Reading

    /// - Parameter progress: called now and then with the number of items that were read, and of all.
    func run(team: Team, progress: (Int, Int) -> Void) throws -> DataCheckResult {
        let lock = NSLock()
        var found = [Found?](repeating: nil, count: items.count)
        var done = 0
        try team.forEach(count: items.count) { index, _ in
            var result: Found
            do {
                result = try items[index].read()
            } catch {
                result = Found(kind: "", damage: InputFile.reason(error))
            }
            lock.withLock {
                found[index] = result
                done += 1
                progress(done, items.count)
            }
        }
        return DataCheckResult(
            path: path, names: items.map(\.name), found: found.map { $0! }, alreadyDamaged: known)
    }

    // MARK: Listing

    private typealias List = (items: [Item], damaged: [DataCheckResult.Damaged])

    private static func list(_ path: String) throws -> List {
        let isFolder = FolderListing.isFolder(path)
        guard isFolder else { return try file(path) }
        let files = try FolderListing.files(below: path)
        let isImages = { (file: String) in ImageFolder.isImage(file) || file.lowercased().hasSuffix(".tar") }
        // A folder of data: what belongs to images comes in the images' order, other files are read, too.
        let isRun = files.contains("config.yaml")
        var list: List = ([], [])
        if !isRun, files.contains(where: isImages) { list = try images(path) }
        for name in files where isRun || !isImages(name) {
            do {
                let more = try file(path + "/" + name)
                list.items += more.items
                list.damaged += more.damaged
            } catch {
                list.damaged.append(.init(name: path + "/" + name, reason: InputFile.reason(error)))
            }
        }
        return list
    }

    private static func file(_ path: String) throws -> List {
        switch (path as NSString).pathExtension.lowercased() {
        case "tar": return try images(path)
        case "npy": return (rows(of: try NumPyVectors(path)), [])
        case "fvecs", "ivecs", "bvecs": return (rows(of: try FVecsVectors(path)), [])
        case "safetensors": return (tensors(of: try SafeTensors(path), path), [])
        case "lloyd":
            return (
                [
                    Item(name: path) {
                        let file = try CodedFile(path: path, kinds: Methods.kinds)
                        return Found(
                            kind: "coded image", bytes: file.chunks.reduce(0) { $0 + $1.count },
                            size: Size(width: file.width, height: file.height))
                    }
                ], []
            )
        case "json", "jsonl", "yaml", "yml": return ([text(path)], [])
        case let suffix where ImageFolder.extensions.contains(suffix):
            return (
                [
                    Item(name: path) {
                        let header = try ImageHeader(path: path)
                        _ = try Image(path: path)
                        return found(header, bytes: 0, fingerprint: nil)
                    }
                ], []
            )
        default:
            if path.contains("{") { return try images(path) }
            // Not for a program of this kind: whether it is there is all that is asked.
            guard !FileManager.default.fileExists(atPath: path) else { return ([], []) }
            _ = try InputFile.prefix(path, count: 0)
            return ([], [])
        }
    }

    private static func images(_ path: String) throws -> List {
        let inventory = try ImageInventory(path)
        return (
            (0..<inventory.count).map { index in
                Item(name: inventory.name(index)) {
                    let finding = try inventory.examine(index)
                    guard let header = finding.header else {
                        return Found(kind: "", bytes: finding.bytes, damage: finding.damage)
                    }
                    var result = found(header, bytes: finding.bytes, fingerprint: finding.fingerprint)
                    result.damage = finding.damage
                    return result
                }
            }, []
        )
    }

    private static func found(_ header: ImageHeader, bytes: Int, fingerprint: UInt64?) -> Found {
        Found(
            kind: "\(header.format.rawValue), \(header.channels == 1 ? "gray" : "RGB"), \(header.bits) bits",
            bytes: bytes, size: Size(width: header.width, height: header.height),
            isTurned: header.orientation != .upright, fingerprint: fingerprint)
    }

    /// Packs of rows, small enough to be shared by threads.
    private static func rows(of source: any VectorSource) -> [Item] {
        let pack = max(1, (1 << 20) / source.dimension)
        return stride(from: 0, to: source.count, by: pack).map { first in
            let range = first..<min(first + pack, source.count)
            return Item(name: source.itemName(first)) {
                var row = [Float](repeating: 0, count: source.dimension)
                for index in range {
                    do {
                        try row.withUnsafeMutableBufferPointer { try source.read(index, into: $0) }
                    } catch let error as LloydError {
                        // The message names the file; which row it was is said here.
                        throw LloydError(
                            path: error.path, problem: "\(error.problem) (row \(index))", remedy: error.remedy)
                    }
                }
                source.releasePages()
                return Found(
                    kind: "vectors of \(source.dimension) components", count: range.count,
                    bytes: 4 * range.count * source.dimension)
            }
        }
    }

    private static func tensors(of file: SafeTensors, _ path: String) -> [Item] {
        file.names.map { name in
            Item(name: "\(path): \(name)") {
                let tensor = try file.tensor(name)
                return Found(kind: "tensor", bytes: tensor.bytes.count)
            }
        }
    }

    private static func text(_ path: String) -> Item {
        Item(name: path) {
            let text = try InputFile.readText(path)
            let parts = path.hasSuffix(".jsonl") ? text.split(separator: "\n").map(String.init) : [text]
            if path.hasSuffix(".json") || path.hasSuffix(".jsonl") {
                for (line, part) in parts.enumerated() {
                    do {
                        _ = try JSONSerialization.jsonObject(with: Data(part.utf8), options: .fragmentsAllowed)
                    } catch {
                        throw LloydError(
                            path: path, problem: "is not valid JSON" + (parts.count > 1 ? " in line \(line + 1)" : ""),
                            remedy: "copy or make the file again")
                    }
                }
            } else if (path as NSString).lastPathComponent == "config.yaml" {
                do {
                    _ = try Config(file: path, schema: Methods.schema)
                } catch let error as ConfigError {
                    throw LloydError(path: path, problem: "\(error)", remedy: "")
                }
            }
            return Found(kind: "text file", bytes: text.utf8.count)
        }
    }
}
