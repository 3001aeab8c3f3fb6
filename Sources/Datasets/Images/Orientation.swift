/// How the stored pixels lie, as the EXIF data of a JPEG or PNG file state it.
///
///     let orientation = Orientation(rawValue: 6)              // .rotated90: a camera that was held upright
///     let picture = image.upright(.rotated90)                 // as viewers show it
///
/// Source: CIPA DC-008 (Exif 2.32), tag 274; PNG specification, third edition, chunk eXIf.
public enum Orientation: Int, Sendable {
    /// As it is shown.
    case upright = 1
    /// To be mirrored left to right.
    case mirrored = 2
    /// To be turned by 180 degrees.
    case rotated180 = 3
    /// To be mirrored top to bottom.
    case flipped = 4
    /// To be mirrored at the diagonal from top left to bottom right.
    case transposed = 5
    /// To be turned by 90 degrees clockwise.
    case rotated90 = 6
    /// To be mirrored at the diagonal from top right to bottom left.
    case transversed = 7
    /// To be turned by 90 degrees counterclockwise.
    case rotated270 = 8

    /// Whether width and height are swapped in the upright image.
    public var swapsSides: Bool { rawValue >= 5 }

    /// The orientation that a block of EXIF data states: that of its first image. nil if it states none, or is damaged,
    /// which is not a reason to refuse a picture.
    init?(exif bytes: some RandomAccessCollection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 8 else { return nil }
        let isLittle: Bool
        switch (bytes[0], bytes[1]) {
        case (0x49, 0x49): isLittle = true
        case (0x4D, 0x4D): isLittle = false
        default: return nil
        }
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at + count <= bytes.count else { return nil }
            let field = bytes[at..<at + count]
            return (isLittle ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let tag = number(entry, 2) else { return nil }
            guard tag == 0x0112 else { continue }
            // SHORT by the standard; some writers use BYTE or LONG.
            let width = [1: 1, 3: 2, 4: 4][number(entry + 2, 2) ?? 0]
            guard let width, number(entry + 4, 4) == 1, let value = number(entry + 8, width) else { return nil }
            self.init(rawValue: value)
            return
        }
        return nil
    }
}

extension Image {
    /// The image turned and mirrored so that it stands upright.
    func upright(_ orientation: Orientation) -> Image {
        guard orientation != .upright else { return self }
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        // Where the first pixel of the result lies in a plane, and how far apart those of a row and of a column do.
        let (start, alongRow, alongColumn) =
            switch orientation {
            case .upright: (0, 1, width)
            case .mirrored: (width - 1, -1, width)
            case .rotated180: (width * height - 1, -1, -width)
            case .flipped: (width * (height - 1), 1, -width)
            case .transposed: (0, width, 1)
            case .rotated90: (width * (height - 1), -width, 1)
            case .transversed: (width * height - 1, -width, -1)
            case .rotated270: (width - 1, width, -1)
            }
        let plane = width * height
        let turned = [Float](unsafeUninitializedCapacity: samples.count) { turned, filled in
            samples.withUnsafeBufferPointer { samples in
                for channel in 0..<channels {
                    let source = samples.baseAddress! + channel * plane
                    var target = turned.baseAddress! + channel * plane
                    for row in 0..<newHeight {
                        var at = start + row * alongColumn
                        for _ in 0..<newWidth {
                            target.initialize(to: source[at])
                            target += 1
                            at += alongRow
                        }
                    }
                }
            }
            filled = samples.count
        }
        return Image(width: newWidth, height: newHeight, channels: channels, samples: turned)
    }
}
