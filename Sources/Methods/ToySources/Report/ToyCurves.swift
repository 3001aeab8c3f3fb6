import Datasets
import Foundation
import MethodKit
import Reporting

/// The curves of one toy source: a run's own, those published, and the bound if it is known; and the charts of them.
///
///     let curves = ToyCurves(record: record, published: published)
///     curves.own(.ecvq)                                       // nil if the run had no such method
///     curves.rateDistortion()                                 // a LineChart
struct ToyCurves {
    let record: ToyRecord
    /// Of this source only.
    let published: PublishedToyCurves
    /// Methods that the run has points of.
    let methods: [ToyMethod]

    init(record: ToyRecord, published: PublishedToyCurves) {
        self.record = record
        self.published = published.of(source: record.source, dimension: record.dimension)
        methods = Self.order.filter { method in record.points.contains { $0.method == method } }
    }

    /// The two that the paper compares come first, in the two colors that differ most.
    static let order: [ToyMethod] = [.ecvq, .ntc, .vq, .ntvq, .ntecvq]

    /// Where a method is in `order`.
    private static func index(_ method: ToyMethod) -> Int { order.firstIndex(of: method) ?? order.count }

    static func color(_ method: ToyMethod) -> ChartColor { ChartStyle.color(index(method)) }

    static func marker(_ method: ToyMethod) -> Marker { Marker.cycle[index(method) % Marker.cycle.count] }

    func own(_ method: ToyMethod) -> RateDistortionCurve? {
        let points = record.curve(of: method)
        guard !points.isEmpty else { return nil }
        return RateDistortionCurve(
            name: method.title, rates: points.map(\.bitsPerDimension), qualities: points.map(\.psnr))
    }

    func published(_ method: ToyMethod) -> RateDistortionCurve? {
        let curve = published.curve(source: record.source, dimension: record.dimension, method: method.rawValue)
        return curve.map {
            RateDistortionCurve(name: "\(method.title), published", rates: $0.bpd, qualities: $0.psnr)
        }
    }

    /// The source as text: "boomerang" or "normaliid, 4-dimensional".
    static func name(_ record: ToyRecord) -> String {
        let titles = [
            "banana": "Banana", "boomerang": "Boomerang", "laplaceiid": "Laplace", "mixnormal": "Mixture of Gaussians",
            "normaliid": "Isotropic Gaussian", "sphere0": "Disc", "sphere50": "Ring from 0.5 to 1",
            "sphere99": "Ring from 0.99 to 1",
        ]
        let title = titles[record.source] ?? record.source
        return record.dimension == 2 ? title : "\(title), \(record.dimension)-D"
    }

    // MARK: Bound

    /// The largest PSNR that any code reaches at a rate; nil if it is not known.
    func boundQuality(_ rate: Double) -> Double? {
        guard let source = try? ToySource(record.source, dimension: record.dimension) else { return nil }
        return source.leastDistortion(rate: rate).map { -10 * log10($0) }
    }

    /// What the run is measured against in the chart of differences.
    enum Reference: Equatable {
        case bound, published, own

        var title: String {
            switch self {
            case .bound: "the rate-distortion bound"
            case .published: "the published ECVQ curve"
            case .own: "this run's ECVQ curve"
            }
        }
    }

    var reference: Reference? {
        if boundQuality(1) != nil { return .bound }
        if published(.ecvq) != nil { return .published }
        return own(.ecvq) != nil ? .own : nil
    }

    private func referenceQuality(_ rate: Double) -> Double? {
        switch reference {
        case .bound: boundQuality(rate)
        case .published: published(.ecvq)?.quality(at: rate)
        case .own: own(.ecvq)?.quality(at: rate)
        case nil: nil
        }
    }

    // MARK: Charts

    private let rateAxis = Axis("Rate", unit: "bits per dimension")

    private func series(_ curve: RateDistortionCurve, _ method: ToyMethod, isPublished: Bool) -> LineChart.Series {
        .init(
            isPublished ? "" : curve.name, x: curve.rates, y: curve.qualities, color: Self.color(method),
            marker: isPublished ? Marker.none : Self.marker(method), dash: isPublished ? .dashed : .solid)
    }

    /// Published curves below, the run's own above them, and one legend entry for all that is dashed.
    private func series(
        _ methods: [ToyMethod], withoutPublished omitted: ToyMethod? = nil,
        _ convert: (RateDistortionCurve) -> RateDistortionCurve?
    ) -> [LineChart.Series] {
        let others = methods.filter { $0 != omitted }.compactMap { method in
            published(method).flatMap(convert).map { series($0, method, isPublished: true) }
        }
        let ours = methods.compactMap { method in
            own(method).flatMap(convert).map { series($0, method, isPublished: false) }
        }
        guard !others.isEmpty else { return ours }
        let key = LineChart.Series(
            "published", x: [], y: [], color: ChartStyle.mutedInk, marker: Marker.none, dash: .dashed)
        return others + ours + [key]
    }

    /// Every method's own curve, and the published one below it.
    func rateDistortion(title: String = "PSNR against rate") -> LineChart {
        LineChart(
            title: title, x: rateAxis, y: Axis("PSNR", unit: "dB"),
            series: series(methods) { $0 } + [boundSeries].compactMap { $0 })
    }

    private var boundSeries: LineChart.Series? {
        let rates = record.points.map(\.bitsPerDimension)
        guard let low = rates.min(), let high = rates.max(), boundQuality(low) != nil else { return nil }
        let shown = (0...20).map { low + (high - low) * Double($0) / 20 }
        return .init(
            "bound", x: shown, y: shown.map { boundQuality($0) ?? .nan }, color: ChartStyle.color(6),
            marker: Marker.none, dash: .dotted)
    }

    /// What uniform scalar quantization with entropy coding loses at high rate: pi e / 6 (Gish and Pierce 1968).
    private static let scalarLoss = -10 * log10(Double.pi * M_E / 6)
    /// The lowest differences that are drawn, in dB: curves may be far apart at low rates, and what matters is small.
    private static let lowestDifference = (toBound: -1.8, toCurve: -1.2)

    /// PSNR minus the reference's at the same rate; nil if there is no reference.
    func differences(title: String? = nil) -> LineChart? {
        guard let reference else { return nil }
        func difference(_ curve: RateDistortionCurve) -> RateDistortionCurve? {
            let points = zip(curve.rates, curve.qualities).compactMap { rate, quality in
                referenceQuality(rate).map { (rate, quality - $0) }
            }
            guard !points.isEmpty else { return nil }
            return RateDistortionCurve(name: curve.name, rates: points.map(\.0), qualities: points.map(\.1))
        }
        let all = series(
            reference == .own ? methods.filter { $0 != .ecvq } : methods,
            withoutPublished: reference == .published ? .ecvq : nil, difference)
        guard all.contains(where: { !$0.x.isEmpty }) else { return nil }
        let lowest = all.flatMap(\.y).min() ?? 0
        let floor = reference == .bound ? Self.lowestDifference.toBound : Self.lowestDifference.toCurve
        return LineChart(
            title: title ?? "PSNR against \(reference.title)", x: rateAxis,
            y: Axis("PSNR difference", unit: "dB", from: lowest < floor ? floor : nil), series: all,
            references: [
                reference == .bound
                    ? .horizontal(Self.scalarLoss, label: "scalar, high rate")
                    : .horizontal(0, label: reference == .published ? "published ECVQ" : "ECVQ")
            ])
    }

    /// Codewords in use against lambda; nil if no method had a lambda.
    var alive: LineChart? {
        func counted(_ method: ToyMethod) -> [(lambda: Double, alive: Double)] {
            record.curve(of: method).compactMap { point in
                guard let lambda = point.lambda, let alive = point.alive else { return nil }
                return (lambda, Double(alive))
            }
        }
        let constrained = methods.filter { !counted($0).isEmpty }
        guard !constrained.isEmpty else { return nil }
        let lines = constrained.map { method -> LineChart.Series in
            let points = counted(method).sorted { $0.lambda < $1.lambda }
            return .init(
                method == .ntc ? "NTC, cells" : method.title, x: points.map(\.lambda), y: points.map(\.alive),
                color: Self.color(method), marker: Self.marker(method))
        }
        let asked = Set(constrained.flatMap { record.curve(of: $0).compactMap(\.codewords) }).sorted()
        return LineChart(
            title: "Codewords alive", x: Axis("λ", scale: .log10), y: Axis("Codewords", scale: .log10),
            series: lines, references: asked.map { .horizontal(Double($0), label: "asked for: \($0)") })
    }
}
