import Foundation

/// A picture of palette colors, one pixel for each cell.
package struct CellPicture: Sendable {
    /// Cells across.
    package let width: Int
    /// Cells down.
    package let height: Int
    /// Row by row, indices into the palette.
    package let pixels: [UInt8]
    /// At most 256 colors.
    package let palette: [ChartColor]

    package init(width: Int, height: Int, pixels: [UInt8], palette: [ChartColor]) {
        (self.width, self.height, self.pixels, self.palette) = (width, height, pixels, palette)
    }

    /// As a PNG file; given a size, every cell becomes so many whole pixels that the picture is at least that large.
    package func png(atLeast size: (width: Int, height: Int)? = nil) -> Data {
        let across = max(1, ((size?.width ?? 0) + width - 1) / width)
        let down = max(1, ((size?.height ?? 0) + height - 1) / height)
        var enlarged: [UInt8] = []
        enlarged.reserveCapacity(pixels.count * across * down)
        for row in 0..<height {
            let line = pixels[row * width..<(row + 1) * width].flatMap { Array(repeating: $0, count: across) }
            for _ in 0..<down { enlarged += line }
        }
        return PalettePNG.encode(width: width * across, height: height * down, pixels: enlarged, palette: palette)
    }
}

/// Writes a small PNG of palette colors: what a heat map's cells become inside an SVG.
///
/// The pixels are stored, not compressed: at one byte a cell the largest heat map stays below 300 KB, and the writer
/// needs no library. (PNG specification, third edition; RFC 1950, RFC 1951.)
package enum PalettePNG {
    /// `pixels` row by row, indices into at most 256 colors.
    package static func encode(width: Int, height: Int, pixels: [UInt8], palette: [ChartColor]) -> Data {
        precondition(width > 0 && height > 0 && pixels.count == width * height && (1...256).contains(palette.count))
        var rows = [UInt8]()
        rows.reserveCapacity((width + 1) * height)
        for row in 0..<height {
            rows.append(0)
            rows += pixels[row * width..<(row + 1) * width]
        }
        var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        file += chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 3, 0, 0, 0])
        file += chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
        file += chunk("IDAT", zlib(rows))
        file += chunk("IEND", [])
        return file
    }

    /// A zlib stream of stored blocks.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        stream.reserveCapacity(bytes.count + 64)
        var start = 0
        repeat {
            let end = min(start + 65_535, bytes.count)
            let length = UInt16(end - start)
            stream.append(end == bytes.count ? 1 : 0)
            stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
            stream += bytes[start..<end]
            start = end
        } while start < bytes.count
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return stream + bigEndian(b << 16 | a)
    }

    private static func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
        let named = Array(type.utf8) + body
        return bigEndian(UInt32(body.count)) + named + bigEndian(checksum(named))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static let table: [UInt32] = (0..<256).map { start in
        var value = UInt32(start)
        for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        return value
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8 }
        return ~value
    }
}
