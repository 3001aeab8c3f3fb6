import Datasets
import Foundation

/// The two files that hold a run's metrics, open for appending.
///
///     let metrics = MetricFiles(folder: "runs/faces")
///     try metrics.keep(rows: 120)                             // of an interrupted run; later rows are cut off
///     try metrics.append(row)
///     try metrics.sync()                                      // before anything that counts the rows
///
/// `create` and `keep` always make new files: a process that stood still while another took the folder over still has the
/// old ones open, and what it writes goes where no name leads.
final class MetricFiles {
    private let folder: String
    private var names: [String] = []
    private var json: Int32 = -1
    private var csv: Int32 = -1
    private var isDirty = false

    init(folder: String) { self.folder = folder }

    deinit { close() }

    var isOpen: Bool { json >= 0 }

    private func close() {
        for descriptor in [json, csv] where descriptor >= 0 { Foundation.close(descriptor) }
        (json, csv) = (-1, -1)
    }

    /// Starts empty files.
    func create(_ jsonPath: String, _ csvPath: String, names: [String]) throws {
        self.names = names
        for path in [jsonPath, csvPath] { try RunFiles.remove(path) }
        json = try open(jsonPath, isNew: true)
        csv = try open(csvPath, isNew: true)
        isDirty = true
        try write(names.joined(separator: ",") + "\n", csv, RunFolder.csvMetrics)
        RunFiles.sync(folder: folder)
    }

    func append(_ row: MetricRow) throws {
        precondition(names == row.fields.map(\.name), "a run's metrics keep their names")
        isDirty = true
        try write(row.json + "\n", json, RunFolder.jsonMetrics)
        try write(row.csv + "\n", csv, RunFolder.csvMetrics)
    }

    func sync() throws {
        guard isOpen, isDirty else { return }
        for (descriptor, name) in [(json, RunFolder.jsonMetrics), (csv, RunFolder.csvMetrics)] {
            guard fsync(descriptor) == 0 || errno == EINVAL else {
                throw RunFiles.failure(folder + "/" + name, "cannot be synced", errno)
            }
        }
        isDirty = false
    }

    // MARK: Those of an interrupted run

    /// Rows that both files hold to their ends. A file that a power cut has torn ends in half a row, or in zeros.
    func wholeRows() throws -> Int {
        let rows = try [RunFolder.jsonMetrics, RunFolder.csvMetrics].map { name -> Int in
            let path = folder + "/" + name
            guard try RunFiles.kind(path) != .none else { return 0 }
            let isJSON = name == RunFolder.jsonMetrics
            let count = Self.lines(try RunFiles.read(path), isJSON: isJSON).count
            return isJSON ? count : max(0, count - 1)
        }
        return rows.min()!
    }

    func keep(rows: Int) throws {
        func cut(_ name: String, lines count: Int, isJSON: Bool) throws -> Data {
            let path = folder + "/" + name
            let bytes = try RunFiles.read(path)
            let lines = Self.lines(bytes, isJSON: isJSON)
            guard lines.count >= count else {
                throw LloydError.file(
                    path: path, problem: "holds \(lines.count) whole lines, but the run counts on \(count)",
                    remedy: "resume again: the run then continues from a state that counts on fewer rows")
            }
            let kept = count == 0 ? Data() : bytes[..<lines[count - 1]]
            try OutputFile.write(Data(kept), to: path)
            return Data(kept)
        }
        _ = try cut(RunFolder.jsonMetrics, lines: rows, isJSON: true)
        let table = try cut(RunFolder.csvMetrics, lines: rows + 1, isJSON: false)
        names = String(decoding: table.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).split(separator: ",")
            .map(String.init)
        json = try open(folder + "/" + RunFolder.jsonMetrics, isNew: false)
        csv = try open(folder + "/" + RunFolder.csvMetrics, isNew: false)
    }

    /// The end of each whole line, its newline included, up to the first that is not whole.
    private static func lines(_ bytes: Data, isJSON: Bool) -> [Int] {
        var ends: [Int] = []
        var start = 0
        var isQuoted = false
        bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            for position in bytes.indices {
                let byte = bytes[position]
                if byte == 0 { return }
                // A text of a table may hold a line's end, in quotation marks.
                if byte == UInt8(ascii: "\""), !isJSON { isQuoted.toggle() }
                guard byte == UInt8(ascii: "\n"), !isQuoted else { continue }
                if isJSON {
                    guard position > start, bytes[start] == UInt8(ascii: "{"), bytes[position - 1] == UInt8(ascii: "}")
                    else { return }
                }
                ends.append(position + 1)
                start = position + 1
            }
        }
        return ends
    }

    // MARK: Descriptors

    private func open(_ path: String, isNew: Bool) throws -> Int32 {
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (isNew ? O_CREAT | O_EXCL : 0)
        let descriptor = Foundation.open(path, flags, 0o666)
        guard descriptor >= 0 else { throw RunFiles.failure(path, "cannot be opened", errno) }
        return descriptor
    }

    private func write(_ line: String, _ descriptor: Int32, _ name: String) throws {
        let bytes = Array(line.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + done, bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw RunFiles.failure(folder + "/" + name, "cannot be written", errno) }
            done += count
        }
    }
}
