import Foundation
import Testing

@testable import Datasets

struct OrientationTests {
    /// EXIF data that state an orientation, with another entry before it.
    static func exif(_ value: Int, isLittle: Bool, type: Int = 3) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(value >> (8 * $0) & 255) }
            return isLittle ? bytes : bytes.reversed()
        }
        func field(_ value: Int) -> [UInt8] {
            let bytes = number(value, [1: 1, 3: 2, 4: 4][type]!)
            return bytes + [UInt8](repeating: 0, count: 4 - bytes.count)
        }
        return Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
            + number(0x010F, 2) + number(2, 2) + number(1, 4) + [0x41, 0, 0, 0]
            + number(0x0112, 2) + number(type, 2) + number(1, 4) + field(value) + number(0, 4)
    }

    /// A JPEG file with EXIF data in front.
    static func jpeg(_ bytes: [UInt8], _ exif: [UInt8]) -> [UInt8] {
        let content = Array("Exif".utf8) + [0, 0] + exif
        return Array(bytes[..<2]) + [0xFF, 0xE1, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 255)]
            + content + bytes[2...]
    }

    /// Where the pixel at a row and column of the upright image lies in the stored one, by the standard's words: the 0th row
    /// and the 0th column of the stored image are at the top and left, the top and right, and so on.
    func stored(_ value: Int, _ row: Int, _ column: Int, _ width: Int, _ height: Int) -> (Int, Int) {
        switch value {
        case 2: (row, width - 1 - column)
        case 3: (height - 1 - row, width - 1 - column)
        case 4: (height - 1 - row, column)
        case 5: (column, row)
        case 6: (height - 1 - column, row)
        case 7: (height - 1 - column, width - 1 - row)
        case 8: (column, width - 1 - row)
        default: (row, column)
        }
    }

    @Test(arguments: 0...9) func picturesAreTurnedUpright(_ value: Int) throws {
        let bytes = JPEGTests.bytes(JPEGTests.color)
        let plain = try Image(encoded: bytes, name: "x")
        let rows: [[UInt8]] = [[1, 2, 3], [4, 5, 6]]
        for isLittle in [true, false] {
            for type in [1, 3, 4] {
                let exif = Self.exif(value, isLittle: isLittle, type: type)
                try check(value, Self.jpeg(bytes, exif), plain)
                let png = PNGMaker.file(
                    width: 3, height: 2, bits: 8, color: 0, data: PNGMaker.rows(rows), extra: [("eXIf", exif)])
                try check(
                    value, png,
                    Image(width: 3, height: 2, channels: 1, samples: [1, 2, 3, 4, 5, 6].map { Float($0) / 255 }))
            }
        }
    }

    private func check(_ value: Int, _ file: [UInt8], _ plain: Image) throws {
        let image = try Image(encoded: file, name: "x")
        let isTurned = (5...8).contains(value)
        #expect(image.width == (isTurned ? plain.height : plain.width))
        let header = try #require(try ImageHeader.parse(file, path: "x", complete: true))
        #expect(header.width == image.width && header.height == image.height)
        #expect(header.orientation.rawValue == ((1...8).contains(value) ? value : 1))
        for channel in 0..<image.channels {
            for row in 0..<image.height {
                for column in 0..<image.width {
                    let at = stored(value, row, column, plain.width, plain.height)
                    guard image[channel, row, column] == plain[channel, at.0, at.1] else {
                        Issue.record("\(value): row \(row), column \(column)")
                        return
                    }
                }
            }
        }
    }

    @Test func damagedEXIFDataAreNoReasonToRefuseAPicture() throws {
        let bytes = JPEGTests.bytes(JPEGTests.gray)
        let plain = try Image(encoded: bytes, name: "x")
        let exif = Self.exif(6, isLittle: true)
        for length in 0..<exif.count - 6 {
            let image = try Image(encoded: Self.jpeg(bytes, Array(exif.prefix(length))), name: "x")
            #expect(image.samples.count == plain.samples.count)
        }
        for copy in damagedCopies(of: exif, count: 300) {
            _ = try Image(encoded: Self.jpeg(bytes, copy), name: "x")
        }
    }
}
