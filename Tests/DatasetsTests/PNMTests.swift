import Datasets
import Foundation
import Testing

struct PNMTests {
    func decode(_ text: String, _ data: [UInt8] = []) throws -> Image {
        try Image(encoded: Array(text.utf8) + data, name: "x.pgm")
    }

    @Test func textAndBinaryOf8And16Bits() throws {
        let expected = Image(width: 3, height: 1, channels: 1, samples: [0, 1, 0.2])
        #expect(try decode("P2\n3 1\n255\n0 255 51\n") == expected)
        #expect(try decode("P2 3 1 10 0 10 2") == expected)
        #expect(try decode("P2\n3 1\n65535\n0\n65535\t13107") == expected)
        #expect(try decode("P5\n3 1\n255\n", [0, 255, 51]) == expected)
        #expect(try decode("P5\n3 1\n10\n", [0, 10, 2]) == expected)
        #expect(try decode("P5\n3 1\n65535\n", [0, 0, 255, 255, 0x33, 0x33]) == expected)
        #expect(try decode("P5\n3 1\n1000\n", [0, 0, 3, 232, 0, 200]) == expected)
        let color = Image(width: 1, height: 2, channels: 3, samples: [1, 0, 0, 1, 0.2, 0.4])
        #expect(try decode("P3\n1 2\n255\n255 0 51\n0 255 102\n") == color)
        #expect(try decode("P6\n1 2\n255\n", [255, 0, 51, 0, 255, 102]) == color)
    }

    @Test func commentsAnywhereInTheHeader() throws {
        let expected = Image(width: 2, height: 1, channels: 1, samples: [1, 0])
        #expect(try decode("P5 # by hand\n# 9 9\n2 # width\n1\n#\n255\n", [255, 0]) == expected)
        #expect(try decode("P2#\n2 1 255 # behind the header\n255 0") == expected)
        // Behind the greatest value a binary file has one blank, then pixels: this is not a comment.
        #expect(try decode("P5 2 1 255\n", Array("#\0".utf8)).samples[0] == 35.0 / 255)
    }

    @Test func commentsAnywhereInAText() throws {
        let expected = Image(width: 2, height: 1, channels: 1, samples: [1, 0])
        for text in [
            "P2\n2 1\n255\n255 0\n# made by hand", "P2\n2 1\n255\n255 0 # the end\n", "P2\n2 1\n255\n255 # one\n#\n0 #",
            "P2\n2 1\n255\n#\n255#\n0", "P2 2 1 255#\n255 0\n\n\t \r\n", "P2\r\n#\r2\r\n1 255\r\n255\r\n0\r\n",
        ] {
            #expect(try decode(text) == expected, "\(text)")
        }
        // Behind a binary file's greatest value the comment's line end is the one blank.
        #expect(try decode("P5 2 1 255# by hand\n", [255, 0]) == expected)
        #expect(datasetError { try decode("P2 1 1 255\n1 # 2\n3") }?.problem.contains("behind its last pixel") == true)
    }

    @Test func roundTrip() throws {
        for channels in [1, 3] {
            let samples = byteRamp(channels * 35)
            let image = Image(width: 7, height: 5, channels: channels, samples: samples)
            #expect(try Image(encoded: Array(image.pnmData()), name: "x") == image)
        }
    }

    @Test(arguments: [
        ("P5", "text \"P5\""), ("P5\n", "before its width"), ("P5 12", "before its height"),
        ("P5 0 1 255\n", "impossible"),
        ("P5 1 1 70000\n", "impossible"), ("P5 1 1 0\n", "impossible"), ("P5 x", "no width"),
        ("P5 -1 1 255\n", "no width"),
        ("P5 2 1 255\na", "cut short: 1 of at least 2"), ("P5 1 1 255", "ends behind its header"),
        ("P5 2 1 9\n\u{1}a", "row 0, column 1"), ("P2 2 1 9\n1 10", "value 10 at row 0, column 1"),
        ("P2 3 1 9\n1    2", "2 of 3 samples"), ("P2 2 1 9\n1 x", "no number"),
        ("P5 1 1 255\nab", "behind its last pixel"),
        ("P2 1 1 255\n1 2", "behind its last pixel"), ("P4 1 1\n", "bitmap"), ("hello world", "text \"hello world\""),
        ("", "empty"), ("GIF89a", "GIF"), ("P5 99999999999999999999 2 255\n", "impossible"),
        ("P5 2000000000 2000000000 255\n", "limit"), ("P5 8000 8000 255\n", "cut short"),
    ])
    func wrongFilesAreNamedAndExplained(_ text: String, _ problem: String) {
        let error = datasetError { try decode(text) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.path == "x.pgm")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func damageNeverCrashes() {
        let image = Image(width: 20, height: 10, channels: 3, samples: [Float](repeating: 0.5, count: 600))
        let files = [Array(image.pnmData()), Array("P2\n# a comment\n4 3 300\n0 1 2 3 4 5 6 7 8 9 300 11\n".utf8)]
        for bytes in files {
            for copy in damagedCopies(of: bytes, count: 600) {
                do { _ = try Image(encoded: copy, name: "x") } catch { #expect(error is LloydError) }
            }
        }
    }
}
