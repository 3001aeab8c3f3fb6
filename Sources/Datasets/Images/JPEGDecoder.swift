import CJPEG

/// JPEG through libjpeg: gray and color, baseline, progressive and arithmetic-coded.
///
/// A warning of the decoder counts as damage only if pixels are missing or in doubt. Stray bytes between segments and
/// unknown versions are passed over, as other programs do.
enum JPEGDecoder {
    /// Walks over the segments to the first scan: the frame header states the size, and a segment before the scan the
    /// orientation. nil if `bytes` end before it.
    ///
    /// Source: ITU-T T.81, annex B; CIPA DC-008 for Exif in APP1.
    static func header(_ bytes: [UInt8], path: String, complete: Bool) throws -> ImageHeader? {
        var frame: ImageHeader?
        var orientation: Orientation?
        func ended() throws -> ImageHeader? {
            guard complete else { return nil }
            guard let frame else { throw damaged(path, "is cut short: it ends before the header that states its size") }
            return frame.turned(orientation)
        }
        var at = 2
        while true {
            // Bytes that are not a marker are passed over, as libjpeg does: some writers leave a few between segments.
            while at < bytes.count, bytes[at] != 0xFF { at += 1 }
            while at < bytes.count, bytes[at] == 0xFF { at += 1 }
            guard at < bytes.count else { return try ended() }
            let marker = bytes[at]
            at += 1
            // A stuffed byte, and markers without a segment.
            if marker == 0 || marker == 0x01 || (0xD0...0xD7).contains(marker) { continue }
            if marker == 0xDA, let frame { return frame.turned(orientation) }
            guard marker != 0xD8, marker != 0xD9, marker != 0xDA else {
                throw damaged(path, "has no frame header before its pixels")
            }
            guard at + 1 < bytes.count else { return try ended() }
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            guard length >= 2 else { throw damaged(path, "has an impossible segment length at byte \(at)") }
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                guard at + 7 < bytes.count else { return try ended() }
                frame = try Self.frame(bytes[(at + 2)..<(at + 8)], marker: marker, path: path)
            }
            if marker == 0xE1, orientation == nil, at + length <= bytes.count {
                let content = bytes[(at + 2)..<(at + length)]
                if content.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) {
                    orientation = Orientation(exif: content.dropFirst(6))
                }
            }
            at += length
        }
    }

    private static func frame(_ fields: ArraySlice<UInt8>, marker: UInt8, path: String) throws -> ImageHeader {
        let field = Array(fields)
        let (bits, components) = (Int(field[0]), field[5])
        let (height, width) = (Int(field[1]) << 8 | Int(field[2]), Int(field[3]) << 8 | Int(field[4]))
        guard width > 0, height > 0 else { throw damaged(path, "says that it has \(width)x\(height) pixels") }
        guard bits == 8, components == 1 || components == 3 else {
            throw LloydError(
                path: path,
                problem: components == 4
                    ? "is a JPEG image in CMYK (inks, whose colors depend on the press)"
                    : "is a JPEG image of \(components) components of \(bits) bits",
                remedy: "convert it to 8-bit gray or RGB", kind: .damaged)
        }
        guard ![0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF].contains(marker) else {
            throw LloydError(
                path: path, problem: "is a lossless or hierarchical JPEG image, which is not read",
                remedy: "convert it to a usual JPEG or a PNG image", kind: .damaged)
        }
        return ImageHeader(format: .jpeg, width: width, height: height, channels: Int(components), bits: bits)
    }

    static func decode(_ bytes: [UInt8], header: ImageHeader, path: String) throws -> Image {
        let (width, height) = header.storedSize
        let pixels = width * height
        let decoded = try DecodedBytes(pixels * header.channels, path: path)
        var message = [CChar](repeating: 0, count: Int(lloyd_jpeg_message_size))
        let status = lloyd_jpeg_decode(
            bytes, bytes.count, decoded.start, UInt32(width), UInt32(height), Int32(header.channels), &message)
        guard status != 2 else { throw ImageHeader.noMemory(path, "libjpeg got none") }
        guard status == 0 else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw damaged(path, "is cut short or damaged (\(reason))")
        }
        return Image(
            width: width, height: height, channels: header.channels,
            samples: Samples.planar(decoded.bytes, count: pixels, channels: header.channels, stride: header.channels))
    }

    private static func damaged(_ path: String, _ problem: String) -> LloydError {
        LloydError(
            path: path, problem: "\(problem); it is a JPEG image", remedy: "copy or make the file again",
            kind: .damaged)
    }
}
