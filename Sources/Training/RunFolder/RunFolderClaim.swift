import Datasets
import Foundation

extension RunFolder {
    /// What may lie in a folder that counts as empty: what the launcher, the watchdog and file systems put there.
    private static func isIgnored(_ name: String) -> Bool {
        [".launch", ".launch.next", ".ranks", "lost+found", ".DS_Store", ".gitkeep", ".gitignore"].contains(name)
            || name.hasPrefix(".nfs") || name.hasPrefix(RunLock.fileName)
    }

    /// Looks at a folder and takes its lock; what lies in it stays as it is until the run begins.
    ///
    /// A folder that is empty or does not exist may be used. In any other, Lloyd trains only beside its own marker; a run of
    /// an earlier version, which had none, can be continued (`begin`, `adopting`).
    /// - Parameter version: of this program, for the marker.
    /// - Throws: `RunFolderRefusal` for a folder that is not a run's, holds a run, or is in use; `LloydError.file`.
    public static func claim(_ given: String, for purpose: Purpose, version: String) throws -> RunFolder {
        let path = try checked(given)
        var state = stat()
        var made: [String] = []
        if stat(path, &state) != 0 {
            guard errno == ENOENT else { throw RunFiles.failure(path, "cannot be examined", errno) }
            guard purpose != .resume else { throw noRun(path) }
            made = missingFolders(of: path)
            try RunFiles.makeFolder(path)
        } else {
            guard state.st_mode & S_IFMT == S_IFDIR else {
                throw RunFolderRefusal(
                    path: path, problem: "is not a folder", remedy: "choose a folder for the run with --run")
            }
            if try RunMarker(folder: path) == nil { try checkUnmarked(path, purpose) }
        }
        var lock: RunLock?
        do {
            let held = try RunLock(folder: path)
            lock = held
            // What has changed since, before the lock was taken, counts.
            let marker = try RunMarker(folder: path)
            let folder = RunFolder(
                path: path, purpose: purpose, version: version, marker: marker, lock: held, madeFolders: made)
            if marker == nil { try checkUnmarked(path, purpose) } else { try folder.checkMarked() }
            return folder
        } catch {
            lock?.release()
            for folder in made { rmdir(folder) }
            throw error
        }
    }

    /// A path that may be a run folder's.
    /// - Throws: `RunFolderRefusal` for an empty one, the root of the file system, and `~` that no shell has replaced.
    static func checked(_ given: String) throws -> String {
        guard given.contains(where: { !$0.isWhitespace }) else {
            throw RunFolderRefusal(
                path: "--run", problem: "the name of the run folder is empty",
                remedy: "name a folder; a variable of the shell may be unset")
        }
        guard given != "~", !given.hasPrefix("~/") else {
            throw RunFolderRefusal(
                path: given, problem: "`~` within quotation marks is not a home folder",
                remedy: "write $HOME, or leave the quotation marks out")
        }
        var path = given
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.split(separator: "/").contains("..") { path = resolved(path) }
        guard FileName.isText(path) else {
            throw RunFolderRefusal(
                path: FileName.printable(path), problem: "is not UTF-8",
                remedy: "choose a run folder with a name in UTF-8")
        }
        guard resolved(path) != "/" else {
            throw RunFolderRefusal(
                path: given, problem: "is the root of the file system", remedy: "choose a folder for the run with --run"
            )
        }
        return path
    }

    /// Whether two paths name the same file or folder, however they are written.
    public static func isSamePath(_ one: String, _ other: String) -> Bool { resolved(one) == resolved(other) }

    /// The absolute path without links, `.` and `..`, of as much of it as exists.
    static func resolved(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return FileName.text(UnsafeRawBufferPointer(start: real, count: strlen(real)))
        }
        if path == "/" || path.isEmpty { return path }
        let (parent, name) = (FileName.parent(of: path), (path as NSString).lastPathComponent)
        let above = resolved(parent.isEmpty ? "." : parent)
        if name == ".." { return FileName.parent(of: above) }
        return name == "." ? above : (above == "/" ? "" : above) + "/" + name
    }

    /// The folders that making `path` would make, innermost first.
    private static func missingFolders(of path: String) -> [String] {
        var missing: [String] = []
        var path = path
        while !path.isEmpty, path != "/", access(path, F_OK) != 0 {
            missing.append(path)
            path = FileName.parent(of: path)
        }
        return missing
    }

    private static func noRun(_ path: String) -> RunFolderRefusal {
        RunFolderRefusal(
            path: path, problem: "this is not a run folder: it has no config.yaml",
            remedy: "name the folder that `lloyd train` printed as its run folder")
    }

    /// - Throws: `RunFolderRefusal` unless the folder is empty, or may hold a run of an earlier version that can be continued.
    private static func checkUnmarked(_ path: String, _ purpose: Purpose) throws {
        func has(_ name: String) throws -> Bool { try RunFiles.kind(path + "/" + name) != .none }
        if purpose == .resume {
            guard try has("config.yaml") else { throw noRun(path) }
            return
        }
        guard let first = try RunFiles.entries(path).first(where: { !isIgnored($0) }) else { return }
        let mayBeRun = try has("config.yaml") && (has(jsonMetrics) || has(Checkpoint.folderName))
        throw RunFolderRefusal(
            path: path,
            problem:
                "is not empty, and is not a folder of this version of Lloyd: it holds \(first) but no \(RunMarker.fileName)",
            remedy: "choose another folder with --run, one that is empty or does not exist yet"
                + (mayBeRun ? "; a run of an earlier version can be continued with --resume" : ""))
    }

    // MARK: Marked folders

    /// Whether the run has left more than its preparations.
    private func hasResults(besides ignored: (String) -> Bool = { _ in false }) throws -> Bool {
        guard let marker else { return false }
        return try RunFiles.files(of: marker, in: path).contains { !marker.isPreparation($0) && !ignored($0) }
    }

    private func checkMarked() throws {
        try finishMoves()
        if purpose == .resume {
            guard try RunFiles.kind(path + "/config.yaml") == .file else { throw Self.noRun(path) }
        }
        guard purpose == .start else { return }
        if marker?.replaces != nil, try !hasResults() { try putBack() }
        guard try !hasResults() else {
            throw RunFolderRefusal(
                path: path, problem: "this folder already holds a run",
                remedy: "choose another with --run, continue it with --resume, or replace it with --overwrite")
        }
    }

    /// Completes what a killed process was doing with an earlier run.
    private func finishMoves() throws {
        for name in try RunFiles.entries(path) where RunFiles.isDiscarded(name) { try removeDiscarded(name) }
        if let aside = marker?.replaces {
            guard try RunFiles.kind(path + "/" + aside) == .folder else {
                marker!.replaces = nil
                return
            }
            let isCheckpoint = { (name: String) in name.hasPrefix(Checkpoint.folderName + "/") }
            if try hasResults(besides: isCheckpoint) { try discardReplaced() }
        } else {
            // Moving aside, or back, was under way.
            for name in try RunFiles.entries(path) where RunFiles.isAside(name) { try moveBack(from: name) }
        }
    }

    /// The files of the earlier run return to their names; those of this one, which has no result, go.
    func putBack() throws {
        guard let new = marker, let aside = new.replaces, let old = try RunMarker(folder: path + "/" + aside) else {
            return
        }
        try lock.requireOwnership()
        for file in try RunFiles.files(of: new, in: path) { try RunFiles.remove(path + "/" + file) }
        RunFiles.removeEmptyFolders(of: new, in: path)
        // From here on, every start that finds the folder continues to move files back.
        try old.write(to: path)
        marker = old
        try moveBack(from: aside)
    }

    private func moveBack(from aside: String) throws {
        let folder = path + "/" + aside
        guard let old = try RunMarker(folder: folder) else { return }
        for file in try RunFiles.files(of: old, in: folder) where try RunFiles.kind(path + "/" + file) == .none {
            try RunFiles.move(folder + "/" + file, path + "/" + file)
        }
        RunFiles.removeEmptyFolders(of: old, in: folder)
        try RunFiles.remove(folder + "/" + RunMarker.fileName)
        rmdir(folder)
    }

    /// Moves the files of the run that is here into a folder beside them.
    private func moveAside() throws {
        guard let old = marker else { return }
        let files = try RunFiles.files(of: old, in: path)
        guard !files.isEmpty else { return }
        let aside = try RunFiles.freeAside(in: path)
        try RunFiles.makeFolder(path + "/" + aside)
        try old.write(to: path + "/" + aside)
        for file in files { try RunFiles.move(path + "/" + file, path + "/" + aside + "/" + file) }
        RunFiles.removeEmptyFolders(of: old, in: path)
        marker!.replaces = aside
    }

    /// Removes the earlier run: this one has its first result.
    func noteResult() throws {
        if marker?.replaces != nil { try discardReplaced() }
    }

    private func discardReplaced() throws {
        guard let aside = marker?.replaces else { return }
        try lock.requireOwnership()
        var number = 1
        while try RunFiles.kind(path + "/.discarded-\(number)") != .none { number += 1 }
        try RunFiles.move(path + "/" + aside, path + "/.discarded-\(number)")
        marker!.replaces = nil
        try marker!.write(to: path)
        try removeDiscarded(".discarded-\(number)")
    }

    private func removeDiscarded(_ name: String) throws {
        let folder = path + "/" + name
        guard let old = try RunMarker(folder: folder) else {
            rmdir(folder)
            return
        }
        for file in try RunFiles.files(of: old, in: folder) { try RunFiles.remove(folder + "/" + file) }
        RunFiles.removeEmptyFolders(of: old, in: folder)
        try RunFiles.remove(folder + "/" + RunMarker.fileName)
        rmdir(folder)
    }

    // MARK: Beginning and ending

    /// The folder that an earlier run waits in until this one has its first result; nil for none.
    public var replacedRun: String? { marker?.replaces.map { path + "/" + $0 } }

    /// What the run's marker says of the config and the data that it was started with; empty for a run that has none.
    public var fingerprints: [String: String] { marker?.fingerprints ?? [:] }

    /// Whether the folder has no marker: it is new, or holds a run of an earlier version, which made none.
    public var isUnmarked: Bool { marker == nil }

    /// Makes the folder ready for this run: everything that it needs was opened and checked before.
    ///
    /// A run that is replaced is moved into a folder within this one, and removed when the new run has its first result; if
    /// it ends before, `abandon` or the next start puts the earlier one back.
    /// - Parameters:
    ///   - fingerprints: of config and data, for resumptions.
    ///   - rows: rows of metrics that a resumed run keeps.
    ///   - adopting: names in the folder of an earlier version that are known to be its run's.
    /// - Throws: `LloydError.file` when another process has taken the folder over, or a file cannot be changed.
    public func begin(fingerprints: [String: String], keepingRows rows: Int = 0, adopting: [String] = []) throws {
        try lock.requireOwnership()
        if purpose == .resume, marker == nil {
            marker = RunMarker(version: version, fingerprints: fingerprints)
            for name in adopting { _ = marker!.register(name) }
        }
        if let marker {
            for file in try RunFiles.files(of: marker, in: path, halfWritten: true) {
                try RunFiles.remove(path + "/" + file)
            }
        }
        var replaces = marker?.replaces
        switch purpose {
        case .resume: break
        case .replace where replaces == nil:
            try moveAside()
            replaces = marker?.replaces
            fallthrough
        case .start, .replace:
            if let old = marker {
                for file in try RunFiles.files(of: old, in: path) { try RunFiles.remove(path + "/" + file) }
                RunFiles.removeEmptyFolders(of: old, in: path)
            }
            marker = RunMarker(version: version, fingerprints: fingerprints)
            marker!.replaces = replaces
        }
        marker!.version = version
        marker!.fingerprints = fingerprints
        try marker!.write(to: path)
        hasBegun = true
        if rows > 0 { try keepMetrics(rows: rows) }
    }

    /// Ends a run that failed: what it found in the folder is as it was, if it has no result of its own.
    /// - Returns: what became of the run that was to be replaced, in a sentence; nil if there was none.
    public func abandon() -> String? {
        defer { release() }
        guard hasBegun else { return nil }
        guard let replacedRun, purpose == .replace else { return nil }
        do {
            if try hasResults() { return "The earlier run is in \(replacedRun)." }
            try putBack()
            return "The earlier run is back in \(path)."
        } catch {
            return "The earlier run is in \(replacedRun); the next start moves it back."
        }
    }

    /// Releases the lock. Folders that `claim` made are removed if the run has not begun.
    public func release() {
        lock.release()
        if !hasBegun { for folder in madeFolders { rmdir(folder) } }
    }
}
