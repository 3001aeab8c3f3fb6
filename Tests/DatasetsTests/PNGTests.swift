import Datasets
import Foundation
import Testing

struct PNGTests {
    func decode(_ bytes: [UInt8]) throws -> Image { try Image(encoded: bytes, name: "x.png") }

    @Test func grayOfEveryDepth() throws {
        // 3 pixels in a row: 0, the greatest value, 1.
        let cases: [(bits: Int, row: [UInt8], last: Float)] = [
            (1, [0b0110_0000], 1), (2, [0b0011_0100], 1 / 3.0), (4, [0x0F, 0x10], 1 / 15.0),
            (8, [0, 255, 1], 1 / 255.0),
            (16, [0, 0, 255, 255, 0, 1], 1 / 65535.0),
        ]
        for (bits, row, last) in cases {
            let image = try decode(
                PNGMaker.file(width: 3, height: 1, bits: bits, color: 0, data: PNGMaker.rows([row])))
            #expect(image.channels == 1)
            #expect(image.samples[0] == 0 && image.samples[1] == 1, "\(bits) bits")
            #expect(abs(image.samples[2] - last) < 1e-7, "\(bits) bits: \(image.samples)")
        }
    }

    @Test func colorIsPlanar() throws {
        let rows: [[UInt8]] = [[255, 0, 51, 0, 255, 102]]
        let image = try decode(PNGMaker.file(width: 2, height: 1, bits: 8, color: 2, data: PNGMaker.rows(rows)))
        #expect(image.samples == [1, 0, 0, 1, 0.2, 0.4])
        let deep = PNGMaker.rows([[255, 255, 0, 0, 0x33, 0x33, 0, 0, 255, 255, 0x66, 0x66]])
        let same = try decode(PNGMaker.file(width: 2, height: 1, bits: 16, color: 2, data: deep))
        #expect(same == image)
    }

    @Test func palettesOfEveryDepth() throws {
        let palette: [UInt8] = [255, 0, 0, 0, 255, 0]
        for (bits, row) in [(1, [UInt8(0b0100_0000)]), (2, [0b0001_0000]), (4, [0x01]), (8, [0, 1])] {
            let image = try decode(
                PNGMaker.file(
                    width: 2, height: 1, bits: bits, color: 3, data: PNGMaker.rows([row]), palette: palette))
            #expect(image.channels == 3)
            #expect(image.samples == [1, 0, 0, 1, 0, 0], "\(bits) bits")
        }
    }

    @Test func interlacedEqualsPlain() throws {
        func pixel(_ row: Int, _ column: Int) -> UInt8 { UInt8((row * 37 + column * 11) % 256) }
        let data = PNGMaker.interlaced(width: 11, height: 9, pixel: pixel)
        let image = try decode(
            PNGMaker.file(width: 11, height: 9, bits: 8, color: 0, data: data, isInterlaced: true))
        for row in 0..<9 {
            for column in 0..<11 { #expect(image[0, row, column] == Float(pixel(row, column)) / 255) }
        }
    }

    @Test func opaqueAlphaIsDropped() throws {
        let rgba = PNGMaker.file(
            width: 1, height: 1, bits: 8, color: 6, data: PNGMaker.rows([[255, 51, 0, 255]]))
        #expect(try decode(rgba).samples == [1, 0.2, 0])
        let gray = PNGMaker.file(width: 1, height: 1, bits: 8, color: 4, data: PNGMaker.rows([[51, 255]]))
        #expect(try decode(gray) == Image(width: 1, height: 1, channels: 1, samples: [0.2]))
        let deep = PNGMaker.file(
            width: 1, height: 1, bits: 16, color: 4, data: PNGMaker.rows([[0x33, 0x33, 255, 255]]))
        #expect(try decode(deep).samples == [0.2])
        // A color that is marked as transparent, but does not occur.
        let unused = PNGMaker.file(
            width: 1, height: 1, bits: 8, color: 0, data: PNGMaker.rows([[51]]), transparency: [0, 7])
        #expect(try decode(unused).samples == [0.2])
    }

    @Test func transparencyIsRefused() {
        let files = [
            PNGMaker.file(
                width: 2, height: 1, bits: 8, color: 6, data: PNGMaker.rows([[1, 2, 3, 255, 1, 2, 3, 254]])),
            PNGMaker.file(
                width: 2, height: 1, bits: 16, color: 4,
                data: PNGMaker.rows([[0, 1, 255, 255, 0, 1, 255, 254]])),
            PNGMaker.file(
                width: 2, height: 1, bits: 8, color: 0, data: PNGMaker.rows([[0, 7]]), transparency: [0, 7]),
            PNGMaker.file(
                width: 2, height: 1, bits: 8, color: 3, data: PNGMaker.rows([[0, 1]]), palette: [1, 2, 3, 4, 5, 6],
                transparency: [255, 0]),
        ]
        for file in files {
            let error = datasetError { try decode(file) }
            #expect(error?.problem.contains("transparent at row 0, column 1") == true, "\(String(describing: error))")
            #expect(error?.remedy.contains("flatten") == true)
        }
    }

    @Test func encodingComesBackExactly() throws {
        for channels in [1, 3] {
            let samples = byteRamp(channels * 20 * 13)
            let image = Image(width: 20, height: 13, channels: channels, samples: samples)
            #expect(try decode(Array(image.pngData())) == image)
            #expect(image.pngData() == image.pngData())
        }
    }

    @Test func encodingClampsAndRounds() throws {
        let image = Image(width: 5, height: 1, channels: 1, samples: [-3, 7, .nan, 0.4999 / 255, 0.5001 / 255])
        #expect(image.interleavedBytes() == [0, 255, 0, 0, 1])
        let infinite = Image(width: 2, height: 1, channels: 1, samples: [.infinity, -.infinity])
        #expect(infinite.interleavedBytes() == [255, 0])
    }

    @Test func everyTruncationIsAnError() {
        let samples = byteRamp(40 * 30)
        let bytes = Array(Image(width: 40, height: 30, channels: 1, samples: samples).pngData())
        for length in 0..<bytes.count {
            let error = datasetError { try decode(Array(bytes.prefix(length))) }
            #expect(error?.path == "x.png", "\(length) of \(bytes.count) bytes were accepted")
        }
    }

    @Test func damageNeverCrashes() {
        let samples = byteRamp(3 * 40 * 30)
        let bytes = Array(Image(width: 40, height: 30, channels: 3, samples: samples).pngData())
        var refused = 0
        for copy in damagedCopies(of: bytes, count: 400) {
            do { _ = try decode(copy) } catch {
                #expect(error is LloydError)
                refused += 1
            }
        }
        #expect(refused > 390)
    }

    @Test func chunksThatDecideNoPixelDoNoHarm() throws {
        let data = PNGMaker.rows([[0, 1]])
        let palette: [UInt8] = [255, 0, 0, 0, 255, 0]
        let plain = try decode(
            PNGMaker.file(width: 2, height: 1, bits: 8, color: 3, data: data, palette: palette))
        #expect(plain.samples == [1, 0, 0, 1, 0, 0])
        // Transparency of entries that the palette does not have.
        #expect(
            try decode(
                PNGMaker.file(
                    width: 2, height: 1, bits: 8, color: 3, data: data, palette: palette,
                    transparency: [UInt8](repeating: 255, count: 256))) == plain)
        let extras: [(String, [UInt8])] = [
            ("gAMA", [0, 0, 0, 0]), ("tEXt", [1, 2, 3]), ("iCCP", Array("broken".utf8)), ("tIME", [1]), ("pHYs", []),
            ("cHRM", [7]), ("sRGB", [9, 9]), ("abCd", [1]), ("acTL", [0, 0]), ("bKGD", [1, 2, 3, 4, 5]),
            ("hIST", [1]), ("sBIT", [200]), ("eXIf", [1]), ("iTXt", []), ("zTXt", [0x61, 0, 9, 9]),
        ]
        for extra in extras {
            let file = PNGMaker.file(
                width: 2, height: 1, bits: 8, color: 3, data: data, palette: palette, extra: [extra])
            #expect(try decode(file) == plain, "\(extra.0)")
            // The same with a wrong checksum.
            var wrong = file
            wrong[33 + 8 + extra.1.count] ^= 1
            #expect(try decode(wrong) == plain, "\(extra.0) with a wrong checksum")
        }
        // More entries than one bit can name; libpng reads the first two.
        let bit = PNGMaker.file(
            width: 2, height: 1, bits: 1, color: 3, data: PNGMaker.rows([[0b0100_0000]]), palette: palette + [1, 2, 3])
        #expect(try decode(bit) == plain)
        // A palette that is only a suggestion, and one in a type without palettes.
        for color in [0, 2] {
            let row = [UInt8](repeating: 51, count: color == 0 ? 1 : 3)
            let file = PNGMaker.file(
                width: 1, height: 1, bits: 8, color: color, data: PNGMaker.rows([row]), palette: [1, 2])
            #expect(try decode(file).samples == row.map { _ in 0.2 })
        }
    }

    @Test func chunksThatMustBeUnderstoodAreNamed() {
        func problem(_ file: [UInt8]) -> String { datasetError { try decode(file) }?.problem ?? "" }
        let file = PNGMaker.file(width: 1, height: 1, bits: 8, color: 0, data: PNGMaker.rows([[51]]))
        #expect(problem(Array(file[..<33]) + PNGMaker.chunk("NEWS", [1]) + file[33...]).contains("a chunk NEWS"))
        // Xcode's stands before the header.
        let xcode = Array(file[..<8]) + PNGMaker.chunk("CgBI", [0x50, 0, 0x20, 6]) + file[8...]
        #expect(problem(xcode).contains("CgBI"))
    }

    @Test func tooManyPixelsAreRefusedFromTheHeader() {
        let file = PNGMaker.file(width: 100_000, height: 100_000, bits: 8, color: 0, data: [0])
        let error = datasetError { try decode(file) }
        #expect(error?.problem.contains("100000x100000") == true)
    }
}
