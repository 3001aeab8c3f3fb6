import Foundation

/// Makes tar files as the formats' descriptions have them, and wrong in ways that no tar program would make them.
///
///     var tar = TarMaker()
///     tar.add("000000.png", png)
///     try folder.write(tar.finished, to: "shard.tar")
struct TarMaker {
    private(set) var bytes: [UInt8] = []

    enum Magic { case posix, gnu, none }

    /// A header block; `size` is the field's text or bytes if it is not what `count` gives, `end` its last four bytes.
    static func header(
        _ name: String, count: Int, type: Character = "0", magic: Magic = .posix, prefix: String = "",
        size: [UInt8]? = nil, checksum: Int? = nil, end: String = ""
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], at offset: Int) {
            block.replaceSubrange(offset..<offset + field.count, with: field)
        }
        func octal(_ value: Int, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
        }
        put(Array(Array(name.utf8).prefix(100)), at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(size ?? octal(count, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)
        block[156] = type.asciiValue!
        if magic == .posix { put(Array("ustar\u{0}00".utf8), at: 257) }
        if magic == .gnu { put(Array("ustar  \u{0}".utf8), at: 257) }
        put(Array(prefix.utf8), at: 345)
        put(Array(end.utf8), at: 508)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        put(octal(checksum ?? block.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], at: 148)
        return block
    }

    mutating func add(
        _ name: String, _ content: [UInt8], type: Character = "0", magic: Magic = .posix, prefix: String = "",
        size: [UInt8]? = nil, checksum: Int? = nil, end: String = ""
    ) {
        bytes += Self.header(
            name, count: content.count, type: type, magic: magic, prefix: prefix, size: size, checksum: checksum,
            end: end)
        bytes += content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// A pax header with records, "path" and "size" among them.
    mutating func addRecords(_ records: [(String, String)], type: Character = "x") {
        var text = ""
        for (key, value) in records {
            // The length counts its own digits.
            let rest = " \(key)=\(value)\n".utf8.count
            var length = rest + 1
            while String(length).utf8.count + rest != length { length += 1 }
            text += "\(length) \(key)=\(value)\n"
        }
        add("PaxHeaders/x", Array(text.utf8), type: type)
    }

    /// With the end mark, and filled up to 10 KiB as tar does.
    var finished: [UInt8] {
        let whole = bytes.count + 1024
        return bytes + [UInt8](repeating: 0, count: (whole + 10239) / 10240 * 10240 - bytes.count)
    }
}
