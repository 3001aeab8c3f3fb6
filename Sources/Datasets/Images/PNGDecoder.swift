import CSpng

/// PNG through libspng: gray, gray with alpha, palette, RGB and RGBA at every bit depth, interlaced or not.
enum PNGDecoder {
    /// The header in the first 33 bytes: signature, then the IHDR chunk; and the orientation, if a chunk eXIf stands before
    /// the pixels (one behind them is not looked for). nil if `bytes` end before the pixels.
    static func header(_ bytes: [UInt8], path: String, complete: Bool) throws -> ImageHeader? {
        guard bytes.count >= 33 else { throw damaged(path, "ends within the header") }
        guard bytes[12..<16].elementsEqual("IHDR".utf8) else {
            if let first = PNGChunks.chunk(bytes, at: 8), first.type[0] & 0x20 == 0 {
                throw PNGChunks.refused(first, path: path)
            }
            throw damaged(path, "does not begin with a header")
        }
        func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        let (width, height, bits, color) = (word(16), word(20), Int(bytes[24]), bytes[25])
        guard width > 0, height > 0, width < 1 << 31, height < 1 << 31, [1, 2, 4, 8, 16].contains(bits),
            [0, 2, 3, 4, 6].contains(color)
        else { throw damaged(path, "has an impossible header (\(width)x\(height), \(bits) bits, type \(color))") }
        let header = ImageHeader(
            format: .png, width: width, height: height, channels: color == 0 || color == 4 ? 1 : 3, bits: bits)
        var at = 8
        while let chunk = PNGChunks.chunk(bytes, at: at) {
            if chunk.isCalled("IDAT") || chunk.isCalled("IEND") { return header }
            if chunk.isCalled("eXIf") { return header.turned(Orientation(exif: bytes[chunk.content])) }
            at = chunk.whole.upperBound
        }
        // The pixels may be one chunk that goes beyond what was read: its name suffices.
        if at + 8 <= bytes.count, bytes[at + 4..<at + 8].elementsEqual("IDAT".utf8) { return header }
        return complete ? header : nil
    }

    static func decode(_ bytes: [UInt8], header: ImageHeader, path: String) throws -> Image {
        let bytes = try PNGChunks.essential(bytes, path: path)
        let (width, height) = header.storedSize
        guard let context = spng_ctx_new(0) else { throw ImageHeader.noMemory(path, "libspng got none") }
        defer { spng_ctx_free(context) }
        // A limit keeps a damaged length from being allocated.
        _ = spng_set_chunk_limits(context, 64 << 20, 64 << 20)
        return try bytes.withUnsafeBytes { buffer in
            try check(spng_set_png_buffer(context, buffer.baseAddress, buffer.count), path)
            var info = spng_ihdr()
            try check(spng_get_ihdr(context, &info), path)
            guard info.width == width, info.height == height else {
                throw damaged(path, "has two different headers")
            }
            var key = spng_trns()
            let hasKey = spng_get_trns(context, &key) == 0
            let type = UInt32(info.color_type)
            let isGray = type == SPNG_COLOR_TYPE_GRAYSCALE.rawValue || type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue
            let hasAlpha =
                hasKey || type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue
                || type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA.rawValue
            let isDeep = info.bit_depth == 16
            let format: spng_format =
                switch (isDeep, hasAlpha, isGray) {
                case (true, true, _): SPNG_FMT_RGBA16
                case (true, false, _): SPNG_FMT_PNG
                case (false, true, _): SPNG_FMT_RGBA8
                case (false, false, true): SPNG_FMT_G8
                case (false, false, false): SPNG_FMT_RGB8
                }
            let stride = hasAlpha ? 4 : isGray ? 1 : 3
            let pixels = width * height
            var size = 0
            try check(spng_decoded_image_size(context, Int32(format.rawValue), &size), path)
            guard size == pixels * stride * (isDeep ? 2 : 1) else {
                throw damaged(path, "decodes to \(size) bytes, which its header does not explain")
            }
            let flags = hasAlpha ? Int32(SPNG_DECODE_TRNS.rawValue) : 0
            let decoded = try DecodedBytes(size, path: path)
            try check(spng_decode_image(context, decoded.start, size, Int32(format.rawValue), flags), path)
            // The chunks behind the pixels are checked as well.
            try check(spng_decode_chunks(context), path)
            let samples: [Float]
            if isDeep {
                let words = UnsafeRawBufferPointer(decoded.bytes).bindMemory(to: UInt16.self)
                if hasAlpha { try requireOpaque(words, opaque: 0xFFFF, header: header, path: path) }
                samples = Samples.planar(
                    words, count: pixels, channels: header.channels, stride: stride, maximum: 65535)
            } else {
                if hasAlpha { try requireOpaque(decoded.bytes, opaque: 0xFF, header: header, path: path) }
                samples = Samples.planar(decoded.bytes, count: pixels, channels: header.channels, stride: stride)
            }
            return Image(width: width, height: height, channels: header.channels, samples: samples)
        }
    }

    /// What a transparent pixel looks like depends on what lies behind it, so there is no right color to read.
    private static func requireOpaque<Word: FixedWidthInteger>(
        _ words: UnsafeBufferPointer<Word>, opaque: Word, header: ImageHeader, path: String
    ) throws {
        let (width, height) = header.storedSize
        for pixel in 0..<width * height where words[4 * pixel + 3] != opaque {
            throw LloydError(
                path: path, problem: "is transparent at row \(pixel / width), column \(pixel % width)",
                remedy: "flatten it onto a background first (magick in.png -background white -flatten out.png)",
                kind: .damaged)
        }
    }

    private static func check(_ status: Int32, _ path: String) throws {
        guard status != 0 else { return }
        guard status != SPNG_EMEM.rawValue else { throw ImageHeader.noMemory(path, "libspng got none") }
        let truncated = [Int32(SPNG_EOF.rawValue), SPNG_IO_EOF.rawValue].contains(status)
        let reason = String(cString: spng_strerror(status))
        throw damaged(path, truncated ? "is cut short (\(reason))" : "is damaged (\(reason))")
    }

    private static func damaged(_ path: String, _ problem: String) -> LloydError {
        PNGChunks.damaged(path, problem)
    }
}
