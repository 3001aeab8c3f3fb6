import Foundation
import MethodKit
import Reporting

/// Distortion and PSNR against rate, for one run and the K-means it was compared with.
struct LayerCurves {
    let record: RRQRecord

    /// K-means memorizes small training sets: its training distortion drops to nothing, and would squeeze all other curves
    /// into a corner. Values below this are not drawn.
    private var floor: Double {
        let shown = record.layers.flatMap { [$0.trainDistortion, $0.boundDistortion] }
        return (shown.min() ?? 0) / 3
    }

    private var ceiling: Double { (record.layers.compactMap(\.trainPSNR).max() ?? 0) + 5 }

    /// Whether part of a curve is not drawn.
    var leavesOut: Bool { record.comparison.contains { $0.trainDistortion < floor } }

    private let x = Axis("Rate", unit: "bits per vector")

    init(record: RRQRecord) { self.record = record }

    private func curve(
        _ name: String, _ layers: [LayerRecord], dash: LineChart.Dash? = nil, _ value: (LayerRecord) -> Double?
    ) -> LineChart.Series? {
        let y = layers.map { value($0) ?? .nan }
        guard y.contains(where: \.isFinite) else { return nil }
        return .init(name, x: layers.map(\.bits), y: y, marker: Marker.none, dash: dash)
    }

    var distortion: LineChart {
        let floor = floor
        return LineChart(
            title: "Distortion", x: x, y: Axis("Fraction of the energy", scale: .log10),
            series: [
                curve("RRQ, training", record.layers) { $0.trainDistortion },
                curve("RRQ, test", record.layers) { $0.testDistortion },
                curve("K-means RQ, training", record.comparison, dash: .dashed) {
                    $0.trainDistortion < floor ? nil : $0.trainDistortion
                },
                curve("K-means RQ, test", record.comparison, dash: .dashed) { $0.testDistortion },
                curve("rate-distortion bound", record.layers, dash: .dotted) { $0.boundDistortion },
            ].compactMap { $0 })
    }

    /// Nil for vectors that are not images.
    var psnr: LineChart? {
        guard record.layers.first?.trainPSNR != nil else { return nil }
        let ceiling = ceiling
        return LineChart(
            title: "PSNR", x: x, y: Axis("Mean PSNR over images", unit: "dB"),
            series: [
                curve("RRQ, training", record.layers) { $0.trainPSNR },
                curve("RRQ, test", record.layers) { $0.testPSNR },
                curve("K-means RQ, training", record.comparison, dash: .dashed) {
                    ($0.trainPSNR ?? 0) > ceiling ? nil : $0.trainPSNR
                },
                curve("K-means RQ, test", record.comparison, dash: .dashed) { $0.testPSNR },
            ].compactMap { $0 })
    }
}
