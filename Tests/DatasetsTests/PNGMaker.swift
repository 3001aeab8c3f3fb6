/// Builds PNG files of every kind from raw rows, independently of the library under test.
enum PNGMaker {
    static func file(
        width: Int, height: Int, bits: Int, color: Int, data: [UInt8], palette: [UInt8]? = nil,
        transparency: [UInt8]? = nil, isInterlaced: Bool = false, extra: [(String, [UInt8])] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        bytes += chunk(
            "IHDR", word(width) + word(height) + [UInt8(bits), UInt8(color), 0, 0, isInterlaced ? 1 : 0])
        for (type, content) in extra { bytes += chunk(type, content) }
        if let palette { bytes += chunk("PLTE", palette) }
        if let transparency { bytes += chunk("tRNS", transparency) }
        bytes += chunk("IDAT", zlib(data))
        return bytes + chunk("IEND", [])
    }

    /// Rows of packed bytes, each behind its filter byte 0.
    static func rows(_ rows: [[UInt8]]) -> [UInt8] { rows.flatMap { [0] + $0 } }

    /// The seven passes of an 8-bit gray image.
    static func interlaced(width: Int, height: Int, pixel: (Int, Int) -> UInt8) -> [UInt8] {
        let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        var data: [UInt8] = []
        for (x, y, dx, dy) in passes where x < width && y < height {
            for row in stride(from: y, to: height, by: dy) {
                data.append(0)
                for column in stride(from: x, to: width, by: dx) { data.append(pixel(row, column)) }
            }
        }
        return data
    }

    private static func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let content = Array(type.utf8) + data
        var sum: UInt32 = ~0
        for byte in content {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return word(data.count) + content + word(Int(~sum))
    }

    /// A zlib stream of one stored block.
    private static func zlib(_ data: [UInt8]) -> [UInt8] {
        var (low, high) = (1, 0)
        for byte in data {
            low = (low + Int(byte)) % 65521
            high = (high + low) % 65521
        }
        let count = data.count
        precondition(count < 65536)
        let lengths = [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255)]
        return [0x78, 0x01, 0x01] + lengths + data + word(high << 16 | low)
    }
}
