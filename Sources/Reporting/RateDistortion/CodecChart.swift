import Codec

/// The charts of image codecs: own curves above those of others, over the rates that the own ones reach.
///
///     let charts = CodecChart(codecs)
///     charts.chart(.psnr)                                     // PSNR over bits per pixel
///     charts.chart(.msSSIM, logarithmic: true)                // nil if no codec has an MS-SSIM
///
/// Own codecs have strong colors, thick lines and markers; others measured on the same images thinner lines; published
/// ones pale, thin and broken.
package struct CodecChart {
    /// What the vertical axis shows.
    package enum Quality { case psnr, msSSIM }

    /// Own and other ones, in any order.
    package let codecs: [ComparedCodec]

    /// How far beyond the own points the axis goes, and at least.
    private static let margin = 1.25
    private static let leastRate = 0.5
    /// Without own codecs the axis ends here at the latest.
    private static let mostRate = 2.0

    package init(_ codecs: [ComparedCodec]) { self.codecs = codecs }

    /// Own curves, with rates of their entropy models, and published ones.
    package init(own: [RateDistortionCurve], published: [PublishedCodec]) {
        self.init(
            own.map { ComparedCodec(name: $0.name, kind: .own, rates: "entropy model", psnr: $0) }
                + published.map { ComparedCodec($0, name: $0.name) })
    }

    private func curve(_ codec: ComparedCodec, _ quality: Quality) -> RateDistortionCurve? {
        quality == .psnr ? codec.psnr : codec.msSSIM
    }

    /// The rates that the chart shows.
    private var span: ClosedRange<Double>? {
        let kinds: [ComparedCodec.Kind] = [.own, .peer, .published]
        guard let kind = kinds.first(where: { kind in codecs.contains { $0.kind == kind } }) else { return nil }
        let rates = codecs.filter { $0.kind == kind }.flatMap(\.psnr.rates).filter { $0 > 0 && $0.isFinite }
        guard let least = rates.min(), let most = rates.max() else { return nil }
        let upper = max(Self.leastRate, Self.margin * most)
        return least / Self.margin...max(2 * least, kind == .own ? upper : min(upper, Self.mostRate))
    }

    /// What is seen of a curve: its points between two rates, and where it enters and leaves.
    private static func visible(_ curve: RateDistortionCurve, _ span: ClosedRange<Double>) -> [Double] {
        zip(curve.rates, curve.qualities).filter { span.contains($0.0) }.map(\.1)
            + [span.lowerBound, span.upperBound].compactMap { curve.quality(at: $0) }
    }

    /// The chart of one quality; nil if no codec has it.
    /// - Parameter logarithmic: whether the axis of rates is.
    package func chart(_ quality: Quality = .psnr, logarithmic: Bool = false) -> LineChart? {
        let shown = codecs.compactMap { codec in curve(codec, quality).map { (codec: codec, curve: $0) } }
        guard !shown.isEmpty else { return nil }
        let what = quality == .psnr ? "PSNR" : "MS-SSIM"
        var rate = Axis("Rate", unit: "bits per pixel", scale: logarithmic ? .log10 : .linear)
        var height = Axis(what, unit: quality == .psnr ? "dB" : "−10 log10(1 − MS-SSIM), dB")
        if shown.count > 1, let span {
            (rate.lower, rate.upper) = (logarithmic ? span.lowerBound : 0, span.upperBound)
            let seen = logarithmic ? span : 0...span.upperBound
            let all = shown.flatMap { Self.visible($0.curve, seen) }
            if let low = all.min(), let high = all.max(), high > low {
                let air = 0.03 * (high - low)
                (height.lower, height.upper) = (low - air, high + air)
            }
        }
        let series = [ComparedCodec.Kind.own, .peer, .published].map { kind in
            shown.filter { $0.codec.kind == kind }.enumerated().map { Self.series($1.curve, kind, $0) }
        }
        // Own codecs come first in the legend, and are drawn above the others.
        var above = series[1] + series[0]
        for index in above.indices { above[index].name = "" }
        return LineChart(
            title: "\(what) against rate" + (logarithmic ? ", on a logarithmic scale" : ""), x: rate, y: height,
            series: series.flatMap { $0 } + (series[2].isEmpty && series[1].isEmpty ? [] : above))
    }

    private static func series(
        _ curve: RateDistortionCurve, _ kind: ComparedCodec.Kind, _ index: Int
    ) -> LineChart.Series {
        var series = LineChart.Series(curve.name, x: curve.rates, y: curve.qualities)
        switch kind {
        case .own:
            series.color = ChartStyle.color(index)
            series.marker = Marker.cycle[(index + index / ChartStyle.palette.count) % Marker.cycle.count]
            series.dash = index < ChartStyle.palette.count ? .solid : .dashed
            series.width = 2.6
        case .peer:
            series.color = ChartStyle.peers[index % ChartStyle.peers.count]
            series.marker = Marker.none
            series.dash = index < ChartStyle.peers.count ? .solid : .dashed
            series.width = 1.6
        case .published:
            let dashes: [LineChart.Dash] = [.dashed, .dotted, .dashDotted, .solid]
            series.color = ChartStyle.pale[index / dashes.count % ChartStyle.pale.count]
            series.marker = Marker.none
            series.dash = dashes[index % dashes.count]
            series.width = 1.3
        }
        return series
    }
}
