import Foundation

/// The walk over a tar file from header to header.
///
///     var walk = TarWalk(file)
///     while let header = try walk.next() { try walk.skip(header.size) }
struct TarWalk {
    let file: TarFile
    /// Where the next header lies, or the bytes of the member whose header was just read.
    private(set) var offset = 0
    /// The name of the member whose header was read, for errors; nil while it is not known.
    var member: [UInt8]?
    /// Where the last header lies.
    private var header = 0
    /// Bytes read ahead: small members share a reading.
    private var buffer: [UInt8] = []
    private var bufferStart = 0

    init(_ file: TarFile) { self.file = file }

    /// An error of the member whose header was read, or of the file while its name is not known.
    func fault(_ problem: String, remedy: String = "make or copy the tar file again") -> LloydError {
        let name = member.map { "/" + FileName.text($0.prefix(1000)) } ?? ""
        return LloydError(path: file.path + name, problem: "\(problem) (at byte \(header))", remedy: remedy)
    }

    /// The next header; nil at the end mark.
    /// - Throws: `LloydError` for a damaged header, a file without an end mark, and bytes behind it.
    mutating func next() throws -> TarHeader? {
        let size = TarHeader.blockSize
        (header, member) = (offset, nil)
        if offset == 0 { try refuseCompressed() }
        guard offset <= file.size - size else {
            throw fault("is cut short: it has no end mark", remedy: "copy or make the tar file again")
        }
        if offset < bufferStart || offset + size > bufferStart + buffer.count {
            buffer = try file.read(offset, count: 64 << 10)
            bufferStart = offset
            guard buffer.count >= size else { throw fault("became shorter while it was read") }
        }
        let start = offset - bufferStart
        guard let header = try TarHeader(buffer[start..<start + size], at: offset, path: file.path) else {
            try checkEnd()
            return nil
        }
        offset += size
        return header
    }

    /// Goes to the next header, behind so many bytes.
    mutating func skip(_ size: Int) throws {
        guard size <= file.size - offset else {
            throw fault(
                "is cut short: \(file.size - offset) of \(size) bytes are there",
                remedy: "copy or make the tar file again")
        }
        let blocks = (size + TarHeader.blockSize - 1) / TarHeader.blockSize
        offset += blocks * TarHeader.blockSize
    }

    /// The bytes that belong to a header of names or records.
    mutating func payload(_ header: TarHeader, most: Int) throws -> [UInt8] {
        guard header.size <= most else { throw fault("has a name or pax header of \(header.size) bytes") }
        let start = offset
        try skip(header.size)
        let bytes = try file.read(start, count: header.size)
        guard bytes.count == header.size else { throw fault("became shorter while it was read") }
        return bytes
    }

    /// Of tar files that were joined all but the first would be lost without a word, however far behind they lie.
    private func checkEnd() throws {
        var at = offset
        while at < file.size {
            let rest = try file.read(at, count: 1 << 20)
            guard !rest.isEmpty else { return }
            if let other = rest.firstIndex(where: { $0 != 0 }) {
                throw fault(
                    "has bytes behind its end mark (the first at byte \(at + other))",
                    remedy: "keep tar files apart, or join them with tar --concatenate")
            }
            at += rest.count
        }
    }

    private func refuseCompressed() throws {
        let start = try file.read(0, count: 6)
        let kinds: [(String, [UInt8])] = [
            ("gzip", [0x1F, 0x8B]), ("bzip2", Array("BZh".utf8)), ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
            ("zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("zip", [0x50, 0x4B, 3, 4]),
        ]
        guard let kind = kinds.first(where: { start.starts(with: $0.1) }) else { return }
        throw LloydError(
            path: file.path, problem: "is compressed (\(kind.0)), so its members cannot be read one by one",
            remedy: "decompress it to a plain .tar file; images are compressed already")
    }
}
