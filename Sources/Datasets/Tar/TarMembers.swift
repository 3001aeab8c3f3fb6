import Foundation

/// Where the images of a tar file lie in it, found by walking over its headers.
///
///     let members = try TarMembers(of: file)
///     members.count
///     members.name(3)                               // "000017.jpg"
///     file.read(members.places[3].lowerBound, count: members.places[3].count)
///
/// Takes ustar headers, GNU's long names and pax records of paths and sizes. Members that are no images by their
/// extension are passed over: a WebDataset sample's captions and classes.
struct TarMembers {
    /// The bytes of every image.
    private(set) var places: [Range<Int>] = []
    /// All names in one piece: an index of millions should take little more than its names.
    private var names: [UInt8] = []
    private var ends: [Int] = []

    /// No name or list of records is longer.
    private static let longest = 1 << 20

    var count: Int { places.count }

    /// The image's path in the tar file.
    func name(_ index: Int) -> String {
        FileName.text(names[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    /// - Throws: `DatasetError` for a file that is no tar file, is damaged or cut short, or holds images in a form that is
    ///   not read.
    init(of file: TarFile) throws {
        var walk = Walk(file)
        var long: [UInt8]?
        var extended: TarExtension?
        while let header = try walk.next() {
            switch header.type {
            case UInt8(ascii: "L"):
                let text = try walk.payload(header, most: Self.longest)
                long = Array(text.prefix { $0 != 0 })
            case UInt8(ascii: "x"):
                guard let records = TarExtension(try walk.payload(header, most: Self.longest)) else {
                    throw walk.fault("has a damaged pax header")
                }
                guard !records.isSparse else { throw walk.sparse() }
                extended = records
            case UInt8(ascii: "g"):
                let records = TarExtension(try walk.payload(header, most: Self.longest))
                guard let records, records.size == nil, records.path == nil, !records.isSparse else {
                    throw walk.fault("has a damaged global pax header")
                }
            case UInt8(ascii: "K"): _ = try walk.payload(header, most: Self.longest)
            default:
                let name = extended?.path ?? long ?? header.name
                try add(name, header, size: extended?.size ?? header.size, &walk)
                (long, extended) = (nil, nil)
            }
        }
        guard long == nil, extended == nil else { throw walk.fault("ends behind a header that belongs to a member") }
    }

    private mutating func add(_ raw: [UInt8], _ header: TarHeader, size: Int, _ walk: inout Walk) throws {
        // Links, devices and folders have no bytes of their own, whatever their headers say.
        let hasBytes = !(UInt8(ascii: "1")...UInt8(ascii: "6")).contains(header.type)
        let start = walk.offset
        try walk.skip(hasBytes ? size : 0)
        let parts = raw.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }
        guard raw.first != UInt8(ascii: "/"), !parts.contains(where: { $0.elementsEqual([0x2E, 0x2E]) }) else {
            throw walk.fault("names a member outside of it (\(FileName.text(raw.prefix(200))))")
        }
        guard header.type != UInt8(ascii: "5") else { return }
        guard let last = parts.last else { throw walk.fault("has a member without a name") }
        switch header.type {
        case UInt8(ascii: "S"): throw walk.sparse()
        case UInt8(ascii: "M"): throw walk.fault("goes on from another volume", "make a tar file in one piece")
        default: break
        }
        let file = FileName.text(last)
        guard !file.hasPrefix("."), ImageFolder.extensions.contains(PathName.suffix(file))
        else { return }
        guard [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(header.type) else {
            let isLink = header.type == UInt8(ascii: "1") || header.type == UInt8(ascii: "2")
            throw walk.fault(
                "holds \(isLink ? "a link" : "something that is no file") in place of the image \(file)",
                "make the tar file with --dereference --hard-dereference")
        }
        places.append(start..<start + size)
        names += Array(parts.joined(separator: [UInt8(ascii: "/")]))
        ends.append(names.count)
    }

    /// The walk from header to header.
    private struct Walk {
        let file: TarFile
        /// Where the next header lies, or the bytes of the member whose header was just read.
        private(set) var offset = 0
        private var member = 0
        /// Bytes read ahead: small members share a reading.
        private var buffer: [UInt8] = []
        private var bufferStart = 0

        init(_ file: TarFile) { self.file = file }

        func fault(_ problem: String, _ remedy: String = "make or copy the tar file again") -> DatasetError {
            DatasetError(path: file.path, problem: "\(problem) (at byte \(member))", remedy: remedy)
        }

        func sparse() -> DatasetError {
            fault("holds a sparse file", "make the tar file without --sparse")
        }

        /// The next header; nil at the end mark.
        mutating func next() throws -> TarHeader? {
            let size = TarHeader.blockSize
            member = offset
            if offset == 0 { try refuseCompressed() }
            guard offset <= file.size - size else {
                throw fault("is cut short: it has no end mark", "copy or make the tar file again")
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

        /// Goes to the next header behind so many bytes.
        mutating func skip(_ size: Int) throws {
            guard size <= file.size - offset else {
                throw fault(
                    "is cut short: a member of \(size) bytes has \(file.size - offset)",
                    "copy or make the tar file again")
            }
            let blocks = (size + TarHeader.blockSize - 1) / TarHeader.blockSize
            offset += blocks * TarHeader.blockSize
        }

        mutating func payload(_ header: TarHeader, most: Int) throws -> [UInt8] {
            guard header.size <= most else { throw fault("has a name or pax header of \(header.size) bytes") }
            let start = offset
            try skip(header.size)
            let bytes = try file.read(start, count: header.size)
            guard bytes.count == header.size else { throw fault("became shorter while it was read") }
            return bytes
        }

        /// Tar files that were joined would lose all but the first without a word.
        private func checkEnd() throws {
            let rest = try file.read(offset, count: 64 << 10)
            guard rest.allSatisfy({ $0 == 0 }) else {
                throw fault(
                    "goes on behind its end mark", "keep tar files apart, or join them with tar --concatenate")
            }
        }

        private func refuseCompressed() throws {
            let start = try file.read(0, count: 6)
            let kinds: [(String, [UInt8])] = [
                ("gzip", [0x1F, 0x8B]), ("bzip2", Array("BZh".utf8)), ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
                ("zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("zip", [0x50, 0x4B, 3, 4]),
            ]
            guard let kind = kinds.first(where: { start.starts(with: $0.1) }) else { return }
            throw DatasetError(
                path: file.path, problem: "is compressed (\(kind.0)), so its members cannot be read one by one",
                remedy: "decompress it to a plain .tar file; images are compressed already")
        }
    }
}
