import CZlib

/// The chunks of a PNG file that decide its pixels, picked out of it.
///
///     let file = try PNGChunks.essential(bytes, path: "a.png")
///
/// libspng refuses a file for damage in chunks that have nothing to do with pixels (text, times, profiles), and for some
/// that the specification lets a reader pass over. So it gets none of them.
///
/// Source: W3C, PNG specification, third edition, sections 5, 11 and 13.
enum PNGChunks {
    /// A chunk's type, and where its content lies in the file.
    struct Chunk {
        let type: [UInt8]
        let content: Range<Int>
        /// With length, type and checksum.
        var whole: Range<Int> { content.lowerBound - 8..<content.upperBound + 4 }
        func isCalled(_ name: String) -> Bool { type.elementsEqual(name.utf8) }
    }

    /// The chunk at an offset; nil if the file ends within it.
    static func chunk(_ bytes: [UInt8], at offset: Int) -> Chunk? {
        guard offset + 12 <= bytes.count else { return nil }
        let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        guard offset + 12 + length <= bytes.count else { return nil }
        return Chunk(type: Array(bytes[offset + 4..<offset + 8]), content: offset + 8..<offset + 8 + length)
    }

    /// The file of signature, IHDR, PLTE, tRNS, IDAT and IEND alone.
    ///
    /// A palette's entries that no pixel can name, and transparencies of entries that do not exist, are cut off. A tRNS
    /// that stands in a wrong position, or whose checksum is wrong, counts as none, as in libpng.
    /// - Throws: `LloydError` for a file that is cut short, and for a chunk that must be understood and is not.
    static func essential(_ bytes: [UInt8], path: String) throws -> [UInt8] {
        var result = Array(bytes[..<8])
        result.reserveCapacity(bytes.count)
        let (bits, color) = (Int(bytes[24]), bytes[25])
        var (palette, hasPixels, hasTransparency): (Int?, Bool, Bool) = (nil, false, false)
        var at = 8
        while let chunk = chunk(bytes, at: at) {
            at = chunk.whole.upperBound
            let length = chunk.content.count
            if chunk.isCalled("IHDR") || chunk.isCalled("IDAT") {
                if chunk.isCalled("IDAT") { hasPixels = true }
                result += bytes[chunk.whole]
            } else if chunk.isCalled("IEND") {
                return result + bytes[chunk.whole]
            } else if chunk.isCalled("PLTE") {
                guard color == 3 else { continue }
                let entries = min(length / 3, 1 << bits)
                guard palette == nil, length % 3 == 0, length / 3 > entries, isWhole(chunk, bytes) else {
                    // Unchanged: libspng says what is wrong with it.
                    result += bytes[chunk.whole]
                    palette = palette ?? entries
                    continue
                }
                palette = entries
                append(chunk.type, bytes[chunk.content].prefix(3 * entries), to: &result)
            } else if chunk.isCalled("tRNS") {
                let wanted = color == 0 ? 2 : color == 2 ? 6 : color == 3 ? min(length, palette ?? 0) : 0
                guard !hasPixels, !hasTransparency, wanted > 0, color == 3 || length == wanted, isWhole(chunk, bytes)
                else { continue }
                hasTransparency = true
                append(chunk.type, bytes[chunk.content].prefix(wanted), to: &result)
            } else if chunk.type[0] & 0x20 == 0 {
                throw refused(chunk, path: path)
            }
        }
        throw damaged(path, "is cut short: it ends before its end mark")
    }

    /// - Returns: what is wrong with a chunk that a reader must understand.
    static func refused(_ chunk: Chunk, path: String) -> LloydError {
        if chunk.isCalled("CgBI") {
            return LloydError(
                path: path, problem: "is a PNG image as Xcode makes them for iPhones (chunk CgBI), which is not PNG",
                remedy: "turn it back by Xcode's `pngcrush -revert-iphone-optimizations in.png out.png`",
                kind: .damaged)
        }
        let isName = chunk.type.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        return damaged(
            path,
            isName
                ? "has a chunk \(String(decoding: chunk.type, as: UTF8.self)), which must be understood and is not known"
                : "is damaged: the name of a chunk at byte \(chunk.whole.lowerBound) is not a name")
    }

    private static func isWhole(_ chunk: Chunk, _ bytes: [UInt8]) -> Bool {
        let stated = bytes[chunk.content.upperBound..<chunk.whole.upperBound].reduce(0) { $0 << 8 | UInt32($1) }
        return checksum(bytes[chunk.content.lowerBound - 4..<chunk.content.upperBound]) == stated
    }

    private static func append(_ type: [UInt8], _ content: ArraySlice<UInt8>, to result: inout [UInt8]) {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        result += word(UInt32(content.count)) + type + content
        result += word(checksum((type + content)[...]))
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(crc32_z(0, $0.baseAddress, $0.count)) }
    }

    static func damaged(_ path: String, _ problem: String) -> LloydError {
        LloydError(
            path: path, problem: "\(problem); it is a PNG image", remedy: "copy or make the file again",
            kind: .damaged)
    }
}
