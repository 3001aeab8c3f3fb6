/// An sRGB color.
public struct ChartColor: Equatable, Sendable {
    /// 0...255.
    public let red: UInt8
    /// 0...255.
    public let green: UInt8
    /// 0...255.
    public let blue: UInt8

    /// From 0xRRGGBB.
    public init(_ hex: UInt32) {
        red = UInt8(truncatingIfNeeded: hex >> 16)
        green = UInt8(truncatingIfNeeded: hex >> 8)
        blue = UInt8(truncatingIfNeeded: hex)
    }

    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// "#rrggbb".
    public var hex: String {
        let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
        let digits = String(value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Whether white letters are easier to read on this color than dark ones.
    package var wantsLightText: Bool { 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue) < 140 }
}

/// What all charts share: colors that color-blind readers can tell apart, and letter sizes for a 720 px wide figure.
///
/// The colors are those of Okabe and Ito (Color Universal Design, 2008) without the yellow, which vanishes on white,
/// and with a dark gray and Tol's wine at the end. A ninth series starts again with dashes.
public enum ChartStyle {
    /// Width of a chart in CSS pixels, unless another is asked for.
    public static let defaultWidth = 720.0

    /// Colors of series, in their order.
    public static let palette: [ChartColor] = [
        ChartColor(0x0072B2), ChartColor(0xD55E00), ChartColor(0x009E73), ChartColor(0xCC79A7),
        ChartColor(0xE69F00), ChartColor(0x56B4E9), ChartColor(0x444444), ChartColor(0x882255),
    ]

    /// For what stands beside the subject: after Tol's muted scheme (2021), without its gray.
    package static let peers: [ChartColor] = [
        ChartColor(0x44AA99), ChartColor(0xCC6677), ChartColor(0x332288), ChartColor(0x999933),
        ChartColor(0xAA4499), ChartColor(0x117733), ChartColor(0x88CCEE), ChartColor(0xDDAA55),
    ]

    /// For what is only in the background: grays with a tint.
    package static let pale: [ChartColor] = [
        ChartColor(0x8A8A8A), ChartColor(0x8FA3B8), ChartColor(0xB89A8F), ChartColor(0x94AC94), ChartColor(0xA694B0),
    ]

    /// The color of the series with that index.
    public static func color(_ index: Int) -> ChartColor { palette[index % palette.count] }

    /// Titles and legends.
    package static let ink = ChartColor(0x222222)
    /// Labels and notes.
    package static let mutedInk = ChartColor(0x5A5A5A)
    /// Grid lines.
    package static let grid = ChartColor(0xE4E4E4)
    /// Axes and ticks.
    package static let axis = ChartColor(0x888888)
    /// Cells without a value.
    package static let missing = ChartColor(0xD9D9D9)

    /// Of titles, in px.
    package static let titleSize = 16.0
    /// Of labels and legends, in px.
    package static let labelSize = 13.0
    /// Of notes, in px.
    package static let smallSize = 12.0
    /// A font family list of SVG.
    package static let fonts = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
}

/// How wide text becomes. The viewer picks the font, so this is an estimate on the safe side.
package enum TextMetrics {
    /// Width in px of a line of Helvetica-like letters.
    package static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
        var units = 0.0
        for scalar in text.unicodeScalars { units += advance(scalar) }
        return units * size * (bold ? 1.08 : 1.02)
    }

    /// Breaks text between words into lines no wider than `width`; a single longer word keeps its line.
    package static func wrap(_ text: String, width: Double, size: Double, bold: Bool = false) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n") {
            var line = ""
            for word in paragraph.split(separator: " ") {
                let longer = line.isEmpty ? String(word) : line + " " + word
                if line.isEmpty || self.width(longer, size: size, bold: bold) <= width {
                    line = longer
                } else {
                    lines.append(line)
                    line = String(word)
                }
            }
            lines.append(line)
        }
        return lines
    }

    /// The text cut to `width` with an ellipsis, if there is no room for a second line.
    package static func truncate(_ text: String, width: Double, size: Double) -> String {
        guard self.width(text, size: size) > width else { return text }
        var kept = text
        while !kept.isEmpty && self.width(kept + "…", size: size) > width { kept.removeLast() }
        return kept + "…"
    }

    private static func advance(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "'", "|": 0.23
        case " ", ".", ",", ":", ";", "!", "f", "t", "I", "/", "[", "]": 0.28
        case "r", "(", ")", "-", "`", "°": 0.34
        case "c", "k", "s", "v", "x", "y", "z", "J": 0.5
        case "m", "M", "Q", "O", "G": 0.8
        case "w", "C", "D", "H", "N", "R", "U": 0.73
        case "W", "%", "@", "—", "…": 0.98
        case "A", "B", "E", "K", "P", "S", "V", "X", "Y", "&", "T", "Z", "F", "L": 0.66
        default: scalar.value < 0x2E80 ? 0.565 : 1.0
        }
    }
}
