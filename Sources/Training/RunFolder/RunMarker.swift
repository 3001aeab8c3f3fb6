import Datasets
import Foundation

/// The file that tells a run folder from any other: what ran there, and which names in it are Lloyd's.
///
///     guard var marker = try RunMarker(folder: "runs/faces") else { return }      // not a run's folder
///     let isNew = marker.register("codebooks/layer-0001.safetensors")             // then write the marker
///     let isOurs = marker.lists("codebooks/layer-0002.safetensors")               // true: numbers do not count
///
/// Lloyd removes nothing but files that are listed here, and lists a name before it first writes it. A name stands with `#`
/// for every number in it, so that a run of a thousand layers has one line for them. The same run leaves the same marker.
struct RunMarker: Codable, Equatable {
    static let fileName = ".lloyd-run"
    static let format = 1

    /// The version of this file.
    var format = Self.format
    /// The version of Lloyd that wrote it last.
    var version: String
    /// Fingerprints of what the result depends on: of the config's keys, and of the data of each key that names some.
    var fingerprints: [String: String]
    /// Names that this run has written or was about to.
    private(set) var names: Set<String> = []
    /// Those of them that are not results: a run that has left no others has lost nothing when it is replaced.
    private(set) var preparations: Set<String> = []
    /// The folder that an earlier run lies in until this one has its first result.
    var replaces: String?

    init(version: String, fingerprints: [String: String]) {
        (self.version, self.fingerprints) = (version, fingerprints)
    }

    // MARK: Names

    /// A relative path with `#` for each number.
    static func pattern(_ name: String) -> String {
        var result = ""
        var inNumber = false
        for character in name.unicodeScalars {
            let isDigit = ("0"..."9").contains(character)
            if isDigit, !inNumber { result.unicodeScalars.append("#") }
            if !isDigit { result.unicodeScalars.append(character) }
            inNumber = isDigit
        }
        return result
    }

    func lists(_ name: String) -> Bool { names.contains(Self.pattern(name)) }

    func isPreparation(_ name: String) -> Bool { preparations.contains(Self.pattern(name)) }

    /// Puts a name on the list.
    /// - Returns: whether it is new.
    mutating func register(_ name: String, asPreparation: Bool = false) -> Bool {
        let pattern = Self.pattern(name)
        precondition(Self.isInside(pattern), "“\(name)” is not a path inside the run folder")
        let isNew = names.insert(pattern).inserted
        if asPreparation { preparations.insert(pattern) }
        return isNew
    }

    /// The folders that names lie in, "" for the run folder itself.
    var folders: Set<String> {
        var result: Set<String> = [""]
        for name in names {
            var folder = FileName.parent(of: name)
            while !folder.isEmpty {
                result.insert(folder)
                folder = FileName.parent(of: folder)
            }
        }
        return result
    }

    /// Whether a relative path stays below the folder that it is relative to.
    private static func isInside(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/")
            && !name.split(separator: "/", omittingEmptySubsequences: false).contains { ["", ".", ".."].contains($0) }
    }

    // MARK: File

    /// Reads the marker of a folder; nil if there is none.
    /// - Throws: `RunFolderRefusal` for one that is damaged or of a later version; `LloydError.file` if it cannot be
    ///   read.
    init?(folder: String) throws {
        let path = folder + "/" + Self.fileName
        var state = stat()
        guard lstat(path, &state) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw RunFiles.failure(path, "cannot be examined", errno) }
            return nil
        }
        func refusal(_ problem: String, _ remedy: String) -> RunFolderRefusal {
            RunFolderRefusal(path: path, problem: problem, remedy: remedy)
        }
        struct Version: Decodable { var format: Int }
        let other = "choose another folder with --run; what is in this one stays as it is"
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw refusal("is not a file, so it is not a marker of Lloyd's", other)
        }
        let bytes = try RunFiles.read(path)
        guard let version = try? JSONDecoder().decode(Version.self, from: bytes) else {
            throw refusal("is not a marker that Lloyd wrote, or is damaged", other)
        }
        guard version.format <= Self.format else {
            throw refusal(
                "was written by a later version of Lloyd", "use that version, or choose another folder with --run")
        }
        guard let marker = try? JSONDecoder().decode(RunMarker.self, from: bytes),
            marker.names.union(marker.preparations).allSatisfy(Self.isInside),
            marker.replaces.map({ RunFiles.isAside($0) }) ?? true
        else { throw refusal("is not a marker that Lloyd wrote, or is damaged", other) }
        self = marker
    }

    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try OutputFile.write(try encoder.encode(self) + Data("\n".utf8), to: folder + "/" + Self.fileName)
    }

    private enum CodingKeys: String, CodingKey { case format, version, fingerprints, names, preparations, replaces }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        format = try values.decode(Int.self, forKey: .format)
        version = try values.decode(String.self, forKey: .version)
        fingerprints = try values.decode([String: String].self, forKey: .fingerprints)
        names = Set(try values.decode([String].self, forKey: .names))
        preparations = Set(try values.decode([String].self, forKey: .preparations))
        replaces = try values.decodeIfPresent(String.self, forKey: .replaces)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(format, forKey: .format)
        try values.encode(version, forKey: .version)
        try values.encode(fingerprints, forKey: .fingerprints)
        try values.encode(names.sorted(), forKey: .names)
        try values.encode(preparations.sorted(), forKey: .preparations)
        try values.encodeIfPresent(replaces, forKey: .replaces)
    }
}
