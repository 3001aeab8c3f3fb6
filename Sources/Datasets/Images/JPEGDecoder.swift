import CTurboJPEG

/// JPEG through libturbojpeg: grey and colour, baseline and progressive; warnings of the decoder count as damage.
enum JPEGDecoder {
    /// Walks over the segments to the frame header, which alone tells the size; nil where `bytes` end before it.
    static func header(_ bytes: [UInt8], path: String, complete: Bool) throws -> ImageHeader? {
        func ended() throws -> ImageHeader? {
            guard complete else { return nil }
            throw damaged(path, "is cut short: it ends before the size is told")
        }
        var at = 2
        while true {
            guard at + 1 < bytes.count else { return try ended() }
            guard bytes[at] == 0xFF else { throw damaged(path, "has no marker at byte \(at)") }
            let marker = bytes[at + 1]
            if marker == 0xFF {  // a fill byte
                at += 1
                continue
            }
            if marker == 0x01 || (0xD0...0xD7).contains(marker) {  // markers without a segment
                at += 2
                continue
            }
            guard marker != 0xD8, marker != 0xD9, marker != 0xDA, marker != 0 else {
                throw damaged(path, "has no frame header before its pixels")
            }
            guard at + 3 < bytes.count else { return try ended() }
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            guard length >= 2 else { throw damaged(path, "has an impossible segment length at byte \(at + 2)") }
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                guard at + 9 < bytes.count else { return try ended() }
                return try frame(bytes[(at + 4)..<(at + 10)], path: path)
            }
            at += 2 + length
        }
    }

    private static func frame(_ fields: ArraySlice<UInt8>, path: String) throws -> ImageHeader {
        let field = Array(fields)
        let (bits, components) = (Int(field[0]), field[5])
        let (height, width) = (Int(field[1]) << 8 | Int(field[2]), Int(field[3]) << 8 | Int(field[4]))
        guard width > 0, height > 0 else { throw damaged(path, "says that it has \(width)x\(height) pixels") }
        guard bits == 8, components == 1 || components == 3 else {
            throw DatasetError(
                path: path,
                problem: components == 4
                    ? "is a JPEG image in CMYK" : "is a JPEG image of \(components) components of \(bits) bits",
                remedy: "convert it to 8-bit grey or RGB")
        }
        return ImageHeader(format: .jpeg, width: width, height: height, channels: Int(components), bits: bits)
    }

    static func decode(_ bytes: [UInt8], header: ImageHeader, path: String) throws -> Image {
        guard let decoder = tjInitDecompress() else { throw damaged(path, "could not be decoded: out of memory") }
        defer { tjDestroy(decoder) }
        let pixels = header.width * header.height
        var decoded = [UInt8](repeating: 0, count: pixels * header.channels)
        let format = header.channels == 1 ? TJPF_GRAY : TJPF_RGB
        // The decoder is told the size of the buffer and never writes beyond it, whatever a second header may say.
        let status = tjDecompress2(
            decoder, bytes, UInt(bytes.count), &decoded, Int32(header.width), Int32(header.width * header.channels),
            Int32(header.height), format.rawValue, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT)
        guard status == 0 else {
            throw damaged(path, "is cut short or damaged (\(String(cString: tjGetErrorStr2(decoder))))")
        }
        return Image(
            width: header.width, height: header.height, channels: header.channels,
            samples: Samples.planar(decoded, count: pixels, channels: header.channels, stride: header.channels))
    }

    private static func damaged(_ path: String, _ problem: String) -> DatasetError {
        DatasetError(path: path, problem: "\(problem); it is a JPEG image", remedy: "copy or make the file again")
    }
}
