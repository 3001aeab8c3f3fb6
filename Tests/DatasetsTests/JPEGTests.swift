import Datasets
import Foundation
import TestSupport
import Testing

/// The embedded files were written by Pillow 13 (quality 75) from 24x16 ramps: red is 8 row + 4 column, green
/// 255 - red, blue 90; the gray one is the red plane.
struct JPEGTests {
    static let gray = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgy
        PC4zNDL/wAALCAAQABgBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABgAH/8QAGBAAAgMAAAAAAAAAAAAAAAAAAAQFIjH/2gAIAQEAAD8AylOHyogT
        h8qIE4fKknD5UQJw+VECcPlT/9k=
        """
    static let color = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgy
        PC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAQABgD
        AREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABAAF/8QAFxABAQEBAAAAAAAAAAAAAAAAAwBhAv/EABcBAQEBAQAAAAAAAAAAAAAAAAUDAAf/
        xAAZEQABBQAAAAAAAAAAAAAAAAAAAQIDBGH/2gAMAwEAAhEDEQA/ANTt9gkYc8goYG7faqMGoKGBUfaiMGoKGEj7ZGGgoYGR9qowagoYGR9qIwag
        oYf/2Q==
        """
    static let progressive = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgy
        PC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wgARCAAQABgD
        ASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAwAE/8QAFgEBAQEAAAAAAAAAAAAAAAAABAMF/9oADAMBAAIQAxAAAAHURGQKWaprf//EABYQ
        AQEBAAAAAAAAAAAAAAAAAAEAEf/aAAgBAQABBQLbZZZZb//EABgRAAIDAAAAAAAAAAAAAAAAAAAEAgMh/9oACAEDAQE/AaECCGH/xAAXEQEAAwAA
        AAAAAAAAAAAAAAAAAQIS/9oACAECAQE/AYqy/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwJf/8QAFhABAQEAAAAAAAAAAAAAAAAAAQAg
        /9oACAEBAAE/IWuar//aAAwDAQACAAMAAAAQY9//xAAXEQEAAwAAAAAAAAAAAAAAAAAAITFR/9oACAEDAQE/EKoZX//EABURAQEAAAAAAAAAAAAA
        AAAAAAAB/9oACAECAQE/EHH/xAAVEAEBAAAAAAAAAAAAAAAAAAAAYf/aAAgBAQABPxC66qqqr//Z
        """

    static func bytes(_ text: String) -> [UInt8] {
        Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters)!)
    }

    func decode(_ bytes: [UInt8]) throws -> Image { try Image(encoded: bytes, name: "x.jpg") }

    func greatestError(_ image: Image) -> Float {
        var greatest: Float = 0
        for row in 0..<image.height {
            for column in 0..<image.width {
                let red = Float(8 * row + 4 * column)
                for (channel, value) in [red, 255 - red, 90].prefix(image.channels).enumerated() {
                    greatest = max(greatest, abs(image[channel, row, column] * 255 - value))
                }
            }
        }
        return greatest
    }

    @Test func grayColorAndProgressive() throws {
        // The bounds are the errors of Pillow's decoder on the same files.
        for (text, channels, bound) in [
            (Self.gray, 1, Float(1.01)), (Self.color, 3, 6.01), (Self.progressive, 3, 11.01),
        ] {
            let image = try decode(Self.bytes(text))
            #expect(image.width == 24 && image.height == 16 && image.channels == channels)
            #expect(greatestError(image) <= bound)
        }
    }

    @Test func everyTruncationIsAnError() {
        for text in [Self.gray, Self.color, Self.progressive] {
            let bytes = Self.bytes(text)
            for length in 0..<bytes.count {
                let error = datasetError { try decode(Array(bytes.prefix(length))) }
                #expect(error?.path == "x.jpg", "\(length) of \(bytes.count) bytes were accepted")
            }
        }
    }

    @Test func whatLeavesThePixelsWholeIsNoDamage() throws {
        for text in [Self.gray, Self.color, Self.progressive] {
            let bytes = Self.bytes(text)
            let plain = try decode(bytes)
            // Behind SOI, and behind the segment of JFIF; before the end mark; behind it.
            for offset in [2, 4 + Int(bytes[4]) << 8 + Int(bytes[5]), bytes.count - 2, bytes.count] {
                for stray: [UInt8] in [[0], [0x12, 0x34, 0x56], [0xFF], [0xFF, 0xFF, 0xFF], [0xFF, 0x00, 0x07]] {
                    let copy = Array(bytes[..<offset]) + stray + Array(bytes[offset...])
                    #expect(try decode(copy) == plain, "\(stray) at \(offset)")
                }
            }
            // Another version of JFIF, and JFIF's segment that is too short.
            var version = bytes
            version[11] = 7
            #expect(try decode(version) == plain)
            #expect(try decode(Array(bytes[..<2]) + [0xFF, 0xE0, 0, 4, 1, 2] + Array(bytes[20...])) == plain)
            // A profile that is not one.
            let profile = [0xFF, 0xE2, 0, 17] + Array("ICC_PROFILE".utf8) + [0, 9, 2]
            #expect(try decode(Array(bytes[..<2]) + profile + Array(bytes[2...])) == plain)
        }
    }

    @Test func missingPixelsAreDamage() {
        for text in [Self.gray, Self.color, Self.progressive] {
            let bytes = Self.bytes(text)
            let start = bytes.count - 12
            // Cut short in the last scan, but with an end mark.
            let cut = Array(bytes[..<start]) + [0xFF, 0xD9]
            #expect(datasetError { try decode(cut) }?.kind == .damaged)
        }
    }

    @Test func kindsThatAreNotReadAreNamed() {
        let bytes = Self.bytes(Self.gray)
        let frame = (0..<bytes.count).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }!
        var deep = bytes
        deep[frame + 4] = 12
        #expect(datasetError { try decode(deep) }?.problem.contains("12 bits") == true)
        var lossless = bytes
        lossless[frame + 1] = 0xC3
        #expect(datasetError { try decode(lossless) }?.problem.contains("lossless") == true)
    }

    @Test func damageNeverCrashes() {
        for text in [Self.gray, Self.color, Self.progressive] {
            for copy in damagedCopies(of: Self.bytes(text), count: 300) {
                do { _ = try decode(copy) } catch { #expect(error is LloydError) }
            }
        }
    }

    @Test func moreComponentsAreRefused() {
        var bytes = Self.bytes(Self.color)
        let frame = (0..<bytes.count).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }!
        bytes[frame + 9] = 4
        #expect(datasetError { try decode(bytes) }?.problem.contains("CMYK") == true)
    }

    @Test func headerBehindALongCommentIsFound() throws {
        let bytes = Self.bytes(Self.gray)
        let comment: [UInt8] = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 0x41, count: 65533)
        let folder = try ScratchFolder()
        let file = try folder.write(bytes.prefix(2) + comment + comment + bytes.dropFirst(2), to: "long.jpg")
        let header = try ImageHeader(path: file)
        #expect(header.format == .jpeg && header.width == 24 && header.height == 16)
        #expect(try Image(path: file) == decode(bytes))
    }
}
