import Foundation

/// What one direction of a chart shows: quantity, unit, linear or logarithmic, and optionally its ends and ticks.
///
///     let rate = Axis("Rate", unit: "bits per pixel", scale: .log10)
///     let layer = Axis("Layer", from: 1, to: 100, ticks: [1, 25, 50, 100])
///     let quality = Axis("PSNR", unit: "dB", from: 22)           // the upper end follows the data
///
/// A logarithmic axis cannot show a value of zero or less: it is left out like a NaN (a line has a gap
/// there), and the chart says below the plot how many points that were.
public struct Axis: Sendable {
    /// How values become positions.
    public enum Scale: Sendable { case linear, log10 }

    /// The quantity, such as "Rate".
    public var title: String
    /// Shown in brackets behind the title.
    public var unit: String?
    /// Linear or logarithmic.
    public var scale: Scale
    /// The ends of the axis; nil lets the data decide. Ends that cannot be (lower not below upper, zero or negative on
    /// a logarithmic axis) are ignored, and the chart says so below the plot.
    public var lower: Double?
    /// As `lower`.
    public var upper: Double?
    /// Where to put ticks; nil lets the chart choose round values.
    public var ticks: [Double]?

    public init(
        _ title: String, unit: String? = nil, scale: Scale = .linear, from lower: Double? = nil,
        to upper: Double? = nil,
        ticks: [Double]? = nil
    ) {
        self.title = title
        self.unit = unit
        self.scale = scale
        self.lower = lower
        self.upper = upper
        self.ticks = ticks
    }

    /// "Rate (bits per pixel)".
    public var label: String {
        guard let unit, !unit.isEmpty else { return title }
        return title.isEmpty ? unit : "\(title) (\(unit))"
    }
}

/// The interval an axis covers, and where a value lies in it.
package struct AxisDomain: Equatable {
    /// The value at the left or lower end.
    package var lower: Double
    /// The value at the right or upper end, above `lower`.
    package var upper: Double
    /// Linear or logarithmic.
    package var scale: Axis.Scale

    package init(lower: Double, upper: Double, scale: Axis.Scale) {
        (self.lower, self.upper, self.scale) = (lower, upper, scale)
    }

    /// Values beyond this are treated as not finite, so that sums and differences of ends never overflow.
    package static let largest = 1e300

    /// Whether an axis can show the value: finite, and above zero on a logarithmic axis.
    package static func shows(_ value: Double, on scale: Axis.Scale) -> Bool {
        abs(value) <= largest && (scale == .linear || value >= 1 / largest)
    }

    /// 0 at the lower end, 1 at the upper end, beyond them outside; nil for a value that the axis cannot show.
    package func fraction(_ value: Double) -> Double? {
        guard Self.shows(value, on: scale) else { return nil }
        switch scale {
        case .linear: return (value - lower) / (upper - lower)
        case .log10: return (log10(value) - log10(lower)) / (log10(upper) - log10(lower))
        }
    }

    /// Whether the value is within the ends, give or take rounding.
    package func contains(_ value: Double) -> Bool {
        guard let fraction = fraction(value) else { return false }
        return fraction >= -1e-9 && fraction <= 1 + 1e-9
    }
}

extension Axis {
    /// How the data's extent becomes the axis.
    package enum Fit {
        /// Two percent of air on both sides, as a horizontal axis wants.
        case snug
        /// Five percent of air, and down to zero if that costs little, as a vertical axis wants.
        case airy
        /// Zero is always on a linear axis: bars are compared by their lengths.
        case fromZero
        /// Exactly the extent.
        case exact
    }

    /// The interval to draw, and what to tell the reader when a wish could not be met.
    package func domain(of values: some Sequence<Double>, fit: Fit) -> (domain: AxisDomain, note: String?) {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values where AxisDomain.shows(value, on: scale) {
            low = min(low, value)
            high = max(high, value)
        }
        var (start, end) = scale == .linear ? (0.0, 1.0) : (0.1, 10)
        if low <= high {
            (start, end) = scale == .linear ? Self.padded(low, high, fit) : Self.paddedLogarithmic(low, high, fit)
        }

        var note: String?
        let usable = [lower, upper].allSatisfy { $0 == nil || AxisDomain.shows($0!, on: scale) }
        let (wantedStart, wantedEnd) = (lower ?? start, upper ?? end)
        if usable && wantedEnd - wantedStart > 1e-12 * max(abs(wantedStart), abs(wantedEnd)) {
            (start, end) = (wantedStart, wantedEnd)
        } else if lower != nil || upper != nil {
            note = "The wished ends of the axis “\(label)” do not fit it or the data and were ignored."
        }
        // Air around the largest and smallest values that are shown would go beyond what numbers can be.
        let (least, most) = (scale == .linear ? -AxisDomain.largest : 1 / AxisDomain.largest, AxisDomain.largest)
        let isFar = max(abs(start), abs(end)) > 2 * most
        if scale == .log10 || isFar { (start, end) = (max(start, least), min(end, most)) }
        return (AxisDomain(lower: start, upper: end, scale: scale), note)
    }

    private static func padded(_ low: Double, _ high: Double, _ fit: Fit) -> (Double, Double) {
        var (start, end) = (low, high)
        if fit == .fromZero || (fit == .airy && low > 0 && low < 0.3 * high) { start = min(start, 0) }
        if fit == .fromZero { end = max(end, 0) }
        let size = max(abs(start), abs(end))
        if end - start <= 1e-9 * size || end == start {
            let half = size > 0 ? 0.1 * size : 1
            return (start - half, end + half)
        }
        let share = fit == .exact ? 0 : fit == .snug ? 0.02 : 0.06
        let air = share * (end - start)
        // Air never takes an axis across zero: a count below zero would look absurd.
        let paddedStart = start >= 0 ? max(0, start - air) : start - air
        let paddedEnd = end <= 0 ? min(0, end + air) : end + air
        return (paddedStart, paddedEnd)
    }

    private static func paddedLogarithmic(_ low: Double, _ high: Double, _ fit: Fit) -> (Double, Double) {
        let (first, last) = (log10(low), log10(high))
        if last - first < 1e-9 { return (low / 2, high * 2) }
        let air = (fit == .exact ? 0 : fit == .snug ? 0.02 : 0.05) * (last - first)
        return (pow(10, first - air), pow(10, last + air))
    }
}
