import Foundation

/// The formats that are read. A file's first bytes tell its format, never its name.
public enum ImageFormat: String, Sendable {
    case png = "PNG"
    case jpeg = "JPEG"
    /// Portable gray and pixel maps: P2, P3, P5, P6.
    case pnm = "PGM/PPM"
}

/// The header of an image file.
///
///     let header = try ImageHeader(path: "faces/a.pgm")     // reads the header alone
///     header.shape                                          // 168x192 gray
public struct ImageHeader: Sendable, Equatable {
    /// The file's format.
    public let format: ImageFormat
    /// Pixels in a row of the upright image.
    public let width: Int
    /// Rows of the upright image.
    public let height: Int
    /// The channels of the decoded image: 1 (gray) or 3.
    public let channels: Int
    /// Bits per sample in the file.
    public let bits: Int
    /// How the pixels lie in the file.
    public let orientation: Orientation

    /// The most pixels of an image unless another limit is given: 64 << 20.
    public static let defaultPixelLimit = 64 << 20

    /// The shape of the upright, decoded image.
    public var shape: ImageShape { ImageShape(width: width, height: height, channels: channels) }

    init(
        format: ImageFormat, width: Int, height: Int, channels: Int, bits: Int, orientation: Orientation = .upright
    ) {
        self.format = format
        self.width = width
        self.height = height
        self.channels = channels
        self.bits = bits
        self.orientation = orientation
    }

    /// Reads the header of the file at `path` and little more.
    ///
    /// - Throws: `LloydError` if the file cannot be read, is not an image of a known format, or has more than
    ///   `pixelLimit` pixels.
    public init(path: String, pixelLimit: Int = defaultPixelLimit) throws {
        let file = try OpenFile(path)
        self = try Self.read(path: path, size: file.size, pixelLimit: pixelLimit) { try file.prefix($0) }
    }

    /// Reads the header of an image of `size` bytes, whose first ones `prefix` gives.
    static func read(
        path: String, size: Int, pixelLimit: Int, prefix: (Int) throws -> [UInt8]
    ) throws -> ImageHeader {
        // A JPEG's size can follow a thumbnail and a color profile, a PGM's a long comment: more is read until it is there.
        for length in [4 << 10, 1 << 20, 64 << 20] {
            let bytes = try prefix(length)
            if let header = try parse(bytes, path: path, complete: length >= size) {
                try header.check(path: path, pixelLimit: pixelLimit)
                return header
            }
        }
        throw LloydError(
            path: path, problem: "does not tell its size within the first 64 MiB",
            remedy: "convert the file again", kind: .damaged)
    }

    /// The header at the start of `bytes`; nil if more bytes are needed and there are more (`complete` is false).
    static func parse(_ bytes: [UInt8], path: String, complete: Bool) throws -> ImageHeader? {
        switch try format(of: bytes, path: path) {
        case .png: try PNGDecoder.header(bytes, path: path, complete: complete)
        case .jpeg: try JPEGDecoder.header(bytes, path: path, complete: complete)
        case .pnm: try PNMDecoder.layout(bytes, path: path, complete: complete)?.header
        }
    }

    func check(path: String, pixelLimit: Int) throws {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= min(pixelLimit, 1 << 40) else {
            throw LloydError(
                path: path, problem: "has \(width)x\(height) pixels, more than the limit of \(pixelLimit)",
                remedy: "make the image smaller, or remove it", kind: .damaged)
        }
    }

    static func format(of bytes: [UInt8], path: String) throws -> ImageFormat {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if bytes.starts(with: [0xFF, 0xD8]) { return .jpeg }
        if bytes.count >= 3, bytes[0] == UInt8(ascii: "P"), [0x32, 0x33, 0x35, 0x36].contains(bytes[1]),
            PNMDecoder.isBlank(bytes[2]) || bytes[2] == UInt8(ascii: "#")
        {
            return .pnm
        }
        throw LloydError(
            path: path, problem: "is not a PNG, JPEG, PGM or PPM image: \(Self.describe(bytes))",
            remedy: "convert it to one of these, or remove it from the folder", kind: .damaged)
    }

    private static func describe(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "it is empty" }
        let known: [(String, [UInt8])] = [
            ("a GIF", Array("GIF8".utf8)), ("a BMP", Array("BM".utf8)), ("a TIFF", [0x49, 0x49, 0x2A, 0]),
            ("a TIFF", [0x4D, 0x4D, 0, 0x2A]), ("a WebP", Array("RIFF".utf8)), ("a bitmap (P1)", Array("P1".utf8)),
            ("a bitmap (P4)", Array("P4".utf8)), ("a PAM (P7)", Array("P7".utf8)),
            ("a PNG with damaged line ends", [0x89, 0x50, 0x4E, 0x47]),
        ]
        if let (name, _) = known.first(where: { bytes.starts(with: $0.1) }) { return "it looks like \(name)" }
        let start = bytes.prefix(16)
        if start.allSatisfy({ (0x20..<0x7F).contains($0) || PNMDecoder.isBlank($0) }) {
            let text = String(decoding: start.map { PNMDecoder.isBlank($0) ? 0x20 : $0 }, as: UTF8.self)
            return "it begins with the text \"\(text)\""
        }
        let hexadecimal = start.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return "it begins with the bytes \(hexadecimal.joined(separator: " "))"
    }
}

extension Image {
    /// Reads a PNG, JPEG, PGM or PPM file, 1 to 16 bits a sample; its first bytes tell the format.
    ///
    /// Samples are divided by the format's greatest value. A palette becomes RGB. An alpha channel must be opaque
    /// everywhere, and is dropped. An image that lies on its side by its EXIF data is turned upright, as viewers show it. Color
    /// profiles and gamma are not applied.
    /// - Throws: `LloydError` for a file that is cut short, damaged, not an image, or larger than `pixelLimit`.
    public init(path: String, pixelLimit: Int = ImageHeader.defaultPixelLimit) throws {
        let file = try OpenFile(path)
        try self.init(path: path, size: file.size, pixelLimit: pixelLimit) { try file.prefix($0) }
    }

    /// Decodes an image of `size` bytes, whose first ones `prefix` gives; `path` is what errors call it.
    init(path: String, size: Int, pixelLimit: Int, prefix: (Int) throws -> [UInt8]) throws {
        let header = try ImageHeader.read(path: path, size: size, pixelLimit: pixelLimit, prefix: prefix)
        // No image of so many pixels needs more, apart from a profile or a thumbnail.
        let reasonable = header.width * header.height * 32 + (64 << 20)
        guard size <= reasonable else {
            throw LloydError(
                path: path, problem: "has \(size) bytes, too many for \(header.width)x\(header.height) pixels",
                remedy: "convert the image again", kind: .damaged)
        }
        try header.requireRoom(path: path, size: size)
        try self.init(encoded: prefix(size), name: path, pixelLimit: pixelLimit)
    }

    /// Decodes the bytes of an image file.
    /// - Parameter name: the name of the image in errors.
    /// - Throws: `LloydError` as `init(path:pixelLimit:)`.
    public init(encoded bytes: [UInt8], name: String, pixelLimit: Int = ImageHeader.defaultPixelLimit) throws {
        guard let header = try ImageHeader.parse(bytes, path: name, complete: true) else {
            preconditionFailure("a complete file has a header or an error")
        }
        try header.check(path: name, pixelLimit: pixelLimit)
        try header.requireRoom(path: name, size: bytes.count)
        let stored =
            switch header.format {
            case .png: try PNGDecoder.decode(bytes, header: header, path: name)
            case .jpeg: try JPEGDecoder.decode(bytes, header: header, path: name)
            case .pnm: try PNMDecoder.decode(bytes, path: name)
            }
        self = stored.upright(header.orientation)
    }
}
