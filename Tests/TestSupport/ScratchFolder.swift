import Foundation

/// A folder for a test's files, below TMPDIR, removed with the last reference to it.
///
///     let folder = try ScratchFolder()
///     let path = try folder.write("method: rrq\n", to: "config.yaml")
///     try folder.bytes(of: "run/metrics.jsonl")
///     folder / "run"                                // the full path of something in it
public final class ScratchFolder {
    /// Its full path.
    public let path: String

    /// Makes the folder.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Gives a folder to `body` and removes it afterwards.
    public static func with<Result>(_ body: (ScratchFolder) throws -> Result) throws -> Result {
        let folder = try ScratchFolder()
        return try withExtendedLifetime(folder) { try body(folder) }
    }

    /// Gives a folder's URL to `body` and removes the folder afterwards.
    public static func withURL<Result>(_ body: (URL) throws -> Result) throws -> Result {
        try with { try body(URL(fileURLWithPath: $0.path, isDirectory: true)) }
    }

    /// Gives a folder's path to `body` and removes the folder afterwards.
    public static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
        try withURL { try body($0.path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The full path of something in the folder.
    public static func / (folder: ScratchFolder, name: String) -> String { folder.path + "/" + name }

    /// Writes a file, making the folders above it, and gives its path.
    @discardableResult public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let file = self / name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Writes a text file, making the folders above it, and gives its path.
    @discardableResult public func write(_ text: String, to name: String) throws -> String {
        try write(Data(text.utf8), to: name)
    }

    /// The bytes of a file.
    public func bytes(of name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self / name)) }

    /// The text of a file.
    public func text(of name: String) throws -> String { String(decoding: try bytes(of: name), as: UTF8.self) }

    /// The bytes of all files below a folder, by relative path; links stand for themselves.
    public func contents(below name: String) throws -> [String: Data] {
        let manager = FileManager.default
        var found: [String: Data] = [:]
        for file in try manager.subpathsOfDirectory(atPath: self / name) {
            let path = self / name + "/" + file
            if let target = try? manager.destinationOfSymbolicLink(atPath: path) {
                found[file] = Data("link to \(target)".utf8)
            } else if try manager.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular {
                found[file] = try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        return found
    }

    /// The relative paths of all files below a folder, sorted.
    public func files(below name: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: self / name).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: self / name + "/" + $0, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }
}
