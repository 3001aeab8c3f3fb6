/// The chart of image codecs: own curves with markers above published ones, over the rates that the own ones reach.
///
///     let chart = CodecChart(own: [ours], published: published.curves).chart(title: "PSNR against rate")
struct CodecChart {
    let own: [RateDistortionCurve]
    let published: [PublishedCodecs.Curve]

    /// How far beyond the own points the axis goes, and at least.
    private static let margin = 1.25
    private static let leastRate = 0.5

    private var upperRate: Double? {
        guard !published.isEmpty, let most = own.flatMap(\.rates).max() else { return nil }
        return max(Self.leastRate, Self.margin * most)
    }

    /// What is seen of a curve: its points up to a rate, and where it leaves the chart.
    private static func visible(_ curve: RateDistortionCurve, upTo rate: Double) -> [Double] {
        zip(curve.rates, curve.qualities).filter { $0.0 <= rate }.map(\.1)
            + [curve.quality(at: rate)].compactMap { $0 }
    }

    func chart(title: String = "PSNR against rate") -> LineChart {
        let upper = upperRate
        var quality = Axis("PSNR", unit: "dB")
        if let upper {
            let all = own.flatMap(\.qualities) + published.flatMap { Self.visible($0.rateDistortion, upTo: upper) }
            if let low = all.min(), let high = all.max(), high > low {
                let air = 0.03 * (high - low)
                (quality.lower, quality.upper) = (low - air, high + air)
            }
        }
        // Solid lines with markers are ours; the colours of the others start behind ours and then repeat, dotted.
        let palette = ChartStyle.palette
        let first = min(own.count, palette.count - 4)
        let free = Array(palette[first...])
        let others = published.enumerated().map { index, curve in
            LineChart.Series(
                curve.name, x: curve.rateDistortion.rates, y: curve.rateDistortion.qualities,
                color: free[index % free.count], marker: Marker.none,
                dash: [.dashed, .dotted, .solid][index / free.count % 3])
        }
        let ours = own.enumerated().map { index, curve in
            LineChart.Series(
                curve.name, x: curve.rates, y: curve.qualities, color: ChartStyle.color(index),
                marker: Marker.cycle[index % Marker.cycle.count], dash: .solid)
        }
        // Ours come first in the legend, and are drawn above the others.
        let again: [LineChart.Series] = others.isEmpty ? [] : ours
        let above = again.map { series -> LineChart.Series in
            var series = series
            series.name = ""
            return series
        }
        return LineChart(
            title: title, x: Axis("Rate", unit: "bits per pixel", from: upper == nil ? nil : 0, to: upper), y: quality,
            series: ours + others + above)
    }
}
