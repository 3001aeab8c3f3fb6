/// Colors for a scale from 0 to 1 whose lightness grows or falls evenly, so that equal steps look equal.
///
///     ColorMap.viridis.color(0.5)                // a green
///     ColorMap.blues.color(0)                    // almost white: for matrices that are mostly zero, and for paper
public struct ColorMap: Sendable {
    private let anchors: [ChartColor]

    /// Evenly spaced anchor colors, the first at 0 and the last at 1.
    package init(anchors: [UInt32]) { self.anchors = anchors.map { ChartColor($0) } }

    /// Van der Walt and Smith's viridis (matplotlib's default, CC0), dark to light.
    public static let viridis = ColorMap(anchors: [
        0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725,
    ])

    /// Brewer's sequential blues, light to dark.
    public static let blues = ColorMap(anchors: [
        0xF7FBFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B,
    ])

    /// The color at a fraction; below 0 and above 1 it is an end's.
    public func color(_ fraction: Double) -> ChartColor {
        let position = min(1, max(0, fraction.isNaN ? 0 : fraction)) * Double(anchors.count - 1)
        let index = min(anchors.count - 2, Int(position))
        let share = position - Double(index)
        func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Double(a) + share * (Double(b) - Double(a))).rounded()) }
        let (a, b) = (anchors[index], anchors[index + 1])
        return ChartColor(red: mix(a.red, b.red), green: mix(a.green, b.green), blue: mix(a.blue, b.blue))
    }
}
