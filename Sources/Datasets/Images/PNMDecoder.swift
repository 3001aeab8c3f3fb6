/// Portable gray and pixel maps: P2 and P3 (text), P5 and P6 (binary), 8 and 16 bits, with comments wherever Netpbm takes
/// them: in a header, and in all of a text file.
enum PNMDecoder {
    /// The header and where the samples begin.
    struct Layout {
        let header: ImageHeader
        let isText: Bool
        let maximum: Int
        let start: Int
    }

    /// Reads the header; nil if `bytes` end within it and there are more.
    static func layout(_ bytes: [UInt8], path: String, complete: Bool) throws -> Layout? {
        var at = 2
        var numbers: [Int] = []
        for name in ["width", "height", "greatest value"] {
            skipBlanks(bytes, &at)
            let start = at
            guard let number = number(bytes, &at) else {
                guard at < bytes.count || complete else { return nil }
                throw damaged(
                    path, start >= bytes.count ? "ends before its \(name)" : "has no \(name) at byte \(start)")
            }
            // A number that runs to the last byte at hand may continue behind it.
            guard at < bytes.count || complete else { return nil }
            numbers.append(number)
        }
        let (width, height, maximum) = (numbers[0], numbers[1], numbers[2])
        guard width > 0, height > 0, width < 1 << 31, height < 1 << 31, (1...65535).contains(maximum) else {
            throw damaged(path, "has an impossible header (\(width)x\(height), greatest value \(maximum))")
        }
        // One blank ends the header. A comment right behind the number takes its line's end for it, as in Netpbm.
        if at < bytes.count, bytes[at] == UInt8(ascii: "#") {
            while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
            guard at < bytes.count || complete else { return nil }
        }
        guard at < bytes.count, isBlank(bytes[at]) else { throw damaged(path, "ends behind its header") }
        let kind = bytes[1] - UInt8(ascii: "0")
        let header = ImageHeader(
            format: .pnm, width: width, height: height, channels: kind == 2 || kind == 5 ? 1 : 3,
            bits: maximum < 256 ? 8 : 16)
        return Layout(header: header, isText: kind < 4, maximum: maximum, start: at + 1)
    }

    static func decode(_ bytes: [UInt8], path: String) throws -> Image {
        guard let layout = try layout(bytes, path: path, complete: true) else {
            preconditionFailure("a complete file has a header or an error")
        }
        let header = layout.header
        let pixels = header.width * header.height
        let count = pixels * header.channels
        // Text needs a digit and a blank for every sample but the last, so this bounds what is allocated below.
        let width = header.bits / 8
        let needed = layout.isText ? 2 * count - 1 : count * width
        guard bytes.count - layout.start >= needed else {
            throw damaged(
                path, "is cut short: \(bytes.count - layout.start) of at least \(needed) bytes of pixels are there")
        }
        if !layout.isText { try checkTail(bytes, from: layout.start + needed, path: path) }
        if !layout.isText, layout.maximum == 255 {
            let samples = bytes.withUnsafeBufferPointer {
                Samples.planar(
                    UnsafeBufferPointer(rebasing: $0[layout.start..<layout.start + needed]), count: pixels,
                    channels: header.channels, stride: header.channels)
            }
            return Image(width: header.width, height: header.height, channels: header.channels, samples: samples)
        }
        let words =
            layout.isText
            ? try textWords(bytes, from: layout.start, count: count, path: path)
            : binaryWords(bytes, from: layout.start, count: count, width: width)
        if let index = words.firstIndex(where: { Int($0) > layout.maximum }) {
            let (row, column) = (index / header.channels / header.width, index / header.channels % header.width)
            throw damaged(
                path,
                "has the value \(words[index]) at row \(row), column \(column), above its greatest value "
                    + "\(layout.maximum)")
        }
        let samples = words.withUnsafeBufferPointer {
            Samples.planar(
                $0, count: pixels, channels: header.channels, stride: header.channels, maximum: Float(layout.maximum))
        }
        return Image(width: header.width, height: header.height, channels: header.channels, samples: samples)
    }

    private static func binaryWords(_ bytes: [UInt8], from start: Int, count: Int, width: Int) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: count) { words, filled in
            bytes.withUnsafeBufferPointer { bytes in
                let source = bytes.baseAddress! + start
                for index in 0..<count {
                    words[index] =
                        width == 1
                        ? UInt16(source[index]) : UInt16(source[2 * index]) << 8 | UInt16(source[2 * index + 1])
                }
            }
            filled = count
        }
    }

    private static func textWords(_ bytes: [UInt8], from start: Int, count: Int, path: String) throws -> [UInt16] {
        var words: [UInt16] = []
        words.reserveCapacity(count)
        var at = start
        for index in 0..<count {
            skipBlanks(bytes, &at)
            guard let number = number(bytes, &at) else {
                throw damaged(
                    path,
                    at >= bytes.count
                        ? "is cut short: \(index) of \(count) samples are there"
                        : "has no number at byte \(at)")
            }
            words.append(UInt16(min(number, 65535)))
            if number > 65535 { throw damaged(path, "has the value \(number), which no pixel can have") }
        }
        skipBlanks(bytes, &at)
        try checkTail(bytes, from: at, path: path)
        return words
    }

    /// A second image or other bytes behind the first are not skipped in silence; line ends and NULs are.
    private static func checkTail(_ bytes: [UInt8], from end: Int, path: String) throws {
        guard let at = bytes[end...].firstIndex(where: { !isBlank($0) && $0 != 0 }) else { return }
        throw LloydError(
            path: path, problem: "has bytes behind its last pixel, from byte \(at) on",
            remedy: "keep one image in a file, and check that its width and height are right", kind: .damaged)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func skipBlanks(_ bytes: [UInt8], _ at: inout Int) {
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "#") {
                while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
            } else if isBlank(bytes[at]) {
                at += 1
            } else {
                return
            }
        }
    }

    /// The decimal number at `at`, held at 2^40, or nil if there is none.
    private static func number(_ bytes: [UInt8], _ at: inout Int) -> Int? {
        let start = at
        var value = 0
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
            value = min(value * 10 + Int(bytes[at] - 0x30), 1 << 40)
            at += 1
        }
        return at > start ? value : nil
    }

    private static func damaged(_ path: String, _ problem: String) -> LloydError {
        LloydError(
            path: path, problem: "\(problem); it is a PGM or PPM image", remedy: "copy or make the file again",
            kind: .damaged)
    }
}
