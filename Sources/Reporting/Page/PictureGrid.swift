import Foundation

/// Rows of pictures with a caption under each: originals beside reconstructions, layer by layer.
///
///     let row = PictureGrid.Row("Person 7", [
///         .init(png: original, stem: "person7-original", caption: ["original"]),
///         .init(png: decoded, stem: "person7-layer20", caption: ["20 layers", "26.1 dB"])])
///     let grid = PictureGrid(rows: [row], caption: "Reconstructions of test images.")
public struct PictureGrid: Sendable {
    /// A picture with the lines under it.
    public struct Picture: Sendable {
        /// A PNG file's bytes.
        public var png: Data
        /// The file is written as pictures/STEM.png.
        public var stem: String
        /// Lines under the picture; the first also describes it to screen readers.
        public var caption: [String]

        public init(png: Data, stem: String, caption: [String]) {
            self.png = png
            self.stem = stem
            self.caption = caption
        }
    }

    /// Pictures side by side, with a heading.
    public struct Row: Sendable {
        /// Above the row; may be empty.
        public var label: String
        /// From left to right.
        public var pictures: [Picture]

        public init(_ label: String, _ pictures: [Picture]) {
            self.label = label
            self.pictures = pictures
        }
    }

    /// From top to bottom.
    public var rows: [Row]
    /// Below the grid; may be empty.
    public var caption: String
    /// Width on the page in CSS pixels; nil takes the pictures' own width, at most 320.
    public var displayWidth: Int?

    public init(rows: [Row], caption: String = "", displayWidth: Int? = nil) {
        self.rows = rows
        self.caption = caption
        self.displayWidth = displayWidth
    }
}

/// The size that a PNG's header states.
enum PNGHeader {
    static func size(of data: Data) -> (width: Int, height: Int)? {
        let bytes = [UInt8](data.prefix(24))
        guard bytes.count == 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            Array(bytes[12..<16]) == Array("IHDR".utf8)
        else { return nil }
        func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
        let (width, height) = (number(16), number(20))
        return width > 0 && height > 0 ? (width, height) : nil
    }
}
