/// A header block of a tar file.
///
///     let header = try TarHeader(block, at: offset, path: "shards-000.tar")      // nil for a block of zeros
///     header?.size                                                               // bytes that follow
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
struct TarHeader {
    static let blockSize = 512

    let name: [UInt8]
    let size: Int
    let type: UInt8

    /// - Throws: `DatasetError` for a block whose checksum or numbers cannot be right.
    init?(_ block: ArraySlice<UInt8>, at offset: Int, path: String) throws {
        precondition(block.count == Self.blockSize)
        let block = Array(block)
        guard block.contains(where: { $0 != 0 }) else { return nil }
        func fault(_ problem: String) -> DatasetError {
            DatasetError(
                path: path, problem: "\(problem) in the header at byte \(offset)",
                remedy: "make or copy the tar file again")
        }
        // The sum counts its own field as blanks; some programs of old summed signed bytes.
        var (sum, signed) = (0, 0)
        for (place, byte) in block.enumerated() {
            let counted = (148..<156).contains(place) ? 0x20 : byte
            sum += Int(counted)
            signed += Int(Int8(bitPattern: counted))
        }
        guard let stated = Self.number(block[148..<156]), stated == sum || stated == signed else {
            throw fault(offset == 0 ? "is no tar file: there is a wrong checksum" : "has a wrong checksum")
        }
        guard let size = Self.number(block[124..<136]), size >= 0 else {
            throw fault("has a size that is no number, or negative,")
        }
        self.size = size
        type = block[156]
        let short = Self.text(block[0..<100])
        // Only POSIX headers have a prefix; GNU's have times there.
        let isPosix = block[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0])
        let prefix = isPosix ? Self.text(block[345..<500]) : []
        name = prefix.isEmpty ? short : prefix + [0x2F] + short
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// An octal number, or GNU's big-endian binary one, which the first bit tells; nil for anything else, and for what
    /// exceeds an `Int`.
    static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            // Two's complement without the marking bit.
            var value = first & 0x40 != 0 ? -1 : 0
            for (place, byte) in field.enumerated() {
                let digits = place == 0 ? Int(byte & 0x3F) : Int(byte)
                let (shifted, overflow) = value.multipliedReportingOverflow(by: place == 0 ? 64 : 256)
                guard !overflow else { return nil }
                value = shifted | digits
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }
        var value = 0
        var end = digits.startIndex
        while end < digits.endIndex, (0x30...0x37).contains(digits[end]) {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 8)
            guard !overflow else { return nil }
            value = shifted + Int(digits[end] - 0x30)
            end += 1
        }
        // Only blanks and NULs may follow; a field without digits counts as zero, as other programs take it.
        return digits[end...].allSatisfy { $0 == 0 || $0 == 0x20 } ? value : nil
    }
}

/// The records of a pax extended header that matter here.
struct TarExtension {
    var path: [UInt8]?
    var size: Int?
    var isSparse = false

    /// Parses records "LENGTH KEY=VALUE\n"; nil where they are damaged.
    init?(_ bytes: [UInt8]) {
        var at = 0
        // Some programs fill the rest with NULs.
        while at < bytes.count, bytes[at] != 0 {
            var length = 0
            var cursor = at
            while cursor < bytes.count, (0x30...0x39).contains(bytes[cursor]), length < 1 << 30 {
                length = length * 10 + Int(bytes[cursor] - 0x30)
                cursor += 1
            }
            let end = at + length
            guard cursor > at, cursor < bytes.count, bytes[cursor] == 0x20, cursor + 1 < end, end <= bytes.count,
                bytes[end - 1] == 0x0A, let equals = bytes[cursor + 1..<end - 1].firstIndex(of: 0x3D)
            else { return nil }
            let key = String(decoding: bytes[cursor + 1..<equals], as: UTF8.self)
            let value = Array(bytes[equals + 1..<end - 1])
            switch key {
            case "path":
                guard !value.isEmpty, !value.contains(0) else { return nil }
                path = value
            case "size":
                guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                    let number = Int(String(decoding: value, as: UTF8.self))
                else { return nil }
                size = number
            case _ where key.hasPrefix("GNU.sparse."): isSparse = true
            default: break
            }
            at = end
        }
    }
}
