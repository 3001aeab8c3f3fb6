/// A header block of a tar file.
///
///     let header = try TarHeader(block, at: offset, path: "shards-000.tar")      // nil for a block of zeros
///     header?.size                                                               // bytes that follow
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format";
/// star(5), "xstar".
struct TarHeader {
    /// Bytes of a header; members are filled up to a multiple of it.
    static let blockSize = 512

    /// What a header describes.
    enum Kind: Equatable {
        case regular, hardLink, symbolicLink, folder
        /// A device or a pipe.
        case device
        /// GNU's old form of a file with holes.
        case sparse
        /// The rest of a file that another volume begins.
        case continued
        /// GNU's name and link target of the next member.
        case longName, longLink
        /// pax records of the next member, and of all members.
        case records, globalRecords
        /// Names of several members that are too long, as GNU tar had it up to 1993.
        case mangledNames
        /// A kind that is not known here.
        case other(Character)

        init(_ type: UInt8) {
            switch Character(Unicode.Scalar(type)) {
            case "\0", "0", "7": self = .regular
            case "1": self = .hardLink
            case "2": self = .symbolicLink
            case "3", "4", "6": self = .device
            case "5": self = .folder
            case "S": self = .sparse
            case "M": self = .continued
            case "L": self = .longName
            case "K": self = .longLink
            // Solaris writes X.
            case "x", "X": self = .records
            case "g": self = .globalRecords
            case "N": self = .mangledNames
            case let other: self = .other(other)
            }
        }

        /// Whether bytes follow the header. Links, devices and folders have none, whatever their size is.
        var hasBytes: Bool {
            switch self {
            case .hardLink, .symbolicLink, .device, .folder: false
            default: true
            }
        }

        /// With its article, for errors.
        var description: String {
            switch self {
            case .regular: "a file"
            case .hardLink: "a hard link"
            case .symbolicLink: "a symbolic link"
            case .folder: "a folder"
            case .device: "a device or pipe"
            case .sparse: "a sparse file"
            case .continued: "a continued file"
            case .longName, .longLink, .records, .globalRecords, .mangledNames: "a header of other members"
            case .other(let type): "of the unknown kind \(PrintableText.escaped(String(type)))"
            }
        }
    }

    /// The member's path, if no header of its own states a longer one.
    let name: [UInt8]
    /// Bytes that follow the header; of a member without bytes it may be anything.
    let size: Int
    let kind: Kind

    /// - Throws: `LloydError` for a block whose checksum or numbers cannot be right.
    init?(_ block: ArraySlice<UInt8>, at offset: Int, path: String) throws {
        precondition(block.count == Self.blockSize)
        let block = Array(block)
        guard block.contains(where: { $0 != 0 }) else { return nil }
        func fault(_ problem: String) -> LloydError {
            LloydError(
                path: path, problem: "\(problem) in the header at byte \(offset)",
                remedy: "make or copy the tar file again")
        }
        // The sum counts its own field as blanks; some old programs summed signed bytes.
        var (sum, signed) = (0, 0)
        for (index, byte) in block.enumerated() {
            let counted = (148..<156).contains(index) ? 0x20 : byte
            sum += Int(counted)
            signed += Int(Int8(bitPattern: counted))
        }
        guard let stated = Self.number(block[148..<156]), stated == sum || stated == signed else {
            throw fault(offset == 0 ? "is not a tar file: there is a wrong checksum" : "has a wrong checksum")
        }
        let short = Self.text(block[0..<100])
        // Only POSIX headers have a prefix; GNU's have times there, and star's have them behind a shorter one.
        let isPosix = block[257..<263].elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0])
        let isStar = block[508..<512].elementsEqual([0x74, 0x61, 0x72, 0])
        let prefix = isPosix ? Self.text(block[345..<(isStar ? 476 : 500)]) : []
        name = prefix.isEmpty ? short : prefix + [0x2F] + short
        guard let size = Self.number(block[124..<136]), size >= 0 else {
            throw LloydError(
                path: path + "/" + FileName.text(name),
                problem: "has a size that is negative or not a number, in the header at byte \(offset)",
                remedy: "make or copy the tar file again")
        }
        self.size = size
        kind = Kind(block[156])
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// An octal number, or GNU's big-endian binary one, which the first bit tells; nil for anything else, and for what
    /// exceeds an `Int`.
    static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            // Two's complement without the marking bit.
            var value = first & 0x40 != 0 ? -1 : 0
            for (index, byte) in field.enumerated() {
                let digits = index == 0 ? Int(byte & 0x3F) : Int(byte)
                let (shifted, overflow) = value.multipliedReportingOverflow(by: index == 0 ? 64 : 256)
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

/// The records of pax extended headers that matter here.
struct TarExtension {
    /// The member's path.
    private(set) var path: [UInt8]?
    /// The member's bytes.
    private(set) var size: Int?
    /// Whether the member is a file with holes.
    private(set) var isSparse = false
    /// The path of a file with holes, whose `path` is made up.
    private(set) var sparseName: [UInt8]?

    /// Whether nothing was said that changes what a member is.
    var isEmpty: Bool { path == nil && size == nil && !isSparse }

    /// Adds records "LENGTH KEY=VALUE\n", which replace earlier ones of the same keys.
    /// - Returns: whether they are whole.
    mutating func add(_ bytes: [UInt8]) -> Bool {
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
            else { return false }
            let key = String(decoding: bytes[cursor + 1..<equals], as: UTF8.self)
            let value = Array(bytes[equals + 1..<end - 1])
            switch key {
            case "path":
                guard !value.isEmpty, !value.contains(0) else { return false }
                path = value
            case "size":
                guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                    let number = Int(String(decoding: value, as: UTF8.self))
                else { return false }
                size = number
            case _ where key.hasPrefix("GNU.sparse."):
                isSparse = true
                if key == "GNU.sparse.name" { sparseName = value }
            default: break
            }
            at = end
        }
        return true
    }
}
