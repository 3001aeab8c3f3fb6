import Foundation

extension OutputFile {
    /// Checks before any work that `path` can be written and is not one of the inputs.
    ///
    ///     try OutputFile.check("photo.lloyd", against: ["photo.png", "model.safetensors"])
    ///     try OutputFile.check("results.json", against: ["photos/"])      // a folder stands for the files within it
    ///
    /// Files are compared by device and inode, so that links and other spellings of the same path are seen.
    /// - Parameters:
    ///   - inputs: files, and folders that stand for the files within them.
    ///   - endings: extensions of the files of such folders that count as inputs, in lower case; nil for all.
    /// - Throws: `LloydError` for an output that is an input, a folder, or in a folder that is missing.
    public static func check(_ path: String, against inputs: [String] = [], endings: Set<String>? = nil) throws {
        let target = try OutputTarget(path)
        guard case .regular(let folder, _, let existing) = target else { return }
        guard let existing else {
            var state = stat()
            guard stat(folder, &state) == 0 else { throw LloydError.system(path, cannot: "be created", code: errno) }
            guard state.st_mode & S_IFMT == S_IFDIR else {
                throw LloydError.system(path, cannot: "be created", code: ENOTDIR)
            }
            guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 else {
                throw LloydError.system(path, cannot: "be created", code: errno)
            }
            return
        }
        for input in inputs {
            guard let same = sameFile(as: existing, input, endings) else { continue }
            throw LloydError(
                .usage, at: path, problem: same == path ? "is an input, too" : "is the same file as the input \(same)",
                remedy: "choose another name for the output")
        }
    }

    /// The input, or the file below it, that is the file with this state.
    private static func sameFile(as output: stat, _ input: String, _ endings: Set<String>?) -> String? {
        var state = stat()
        guard stat(input, &state) == 0 else { return nil }
        if state.st_dev == output.st_dev && state.st_ino == output.st_ino { return input }
        guard state.st_mode & S_IFMT == S_IFDIR else { return nil }
        for case let name as String in FileManager.default.enumerator(atPath: input) ?? .init() {
            guard endings?.contains((name as NSString).pathExtension.lowercased()) ?? true else { continue }
            let file = input + (input.hasSuffix("/") ? "" : "/") + name
            guard stat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG else { continue }
            if state.st_dev == output.st_dev && state.st_ino == output.st_ino { return file }
        }
        return nil
    }

    /// A text that two paths have in common if they lead to the same file; nil for devices, pipes and descriptors, which
    /// several outputs may share.
    /// - Throws: `LloydError` for an empty path, a folder, or links that lead in a circle.
    package static func identity(_ path: String) throws -> String? {
        guard case .regular(let folder, let name, _) = try OutputTarget(path) else { return nil }
        var state = stat()
        guard stat(folder, &state) == 0 else { return "\(folder)/\(name)" }
        return "\(state.st_dev)/\(state.st_ino)/\(name)"
    }

    /// Whether what is written to `path` comes out of this process's standard output: /dev/stdout, or a name of its terminal.
    package static func isStandardOutput(_ path: String) -> Bool {
        switch try? OutputTarget(path) {
        case .descriptor(let number): return number == STDOUT_FILENO
        case .stream(let file):
            var (named, own) = (stat(), stat())
            return stat(file, &named) == 0 && fstat(STDOUT_FILENO, &own) == 0 && named.st_rdev == own.st_rdev
                && named.st_dev == own.st_dev && named.st_ino == own.st_ino
        default: return false
        }
    }
}
