import Foundation
import MethodKit
import Reporting

/// The report of an RRQ run: distortion per layer, bit allocation, codeword usage, pictures, super-resolution.
struct RRQReport {
    let run: RunContents
    let record: RRQRecord

    func page() throws -> ReportPage {
        var page = ReportPage(
            title: run.title,
            subtitle: "\(record.layers.count) layers of \(record.codewords) codewords on \(record.dataName)",
            footer: "Written by lloyd train from \(run.name).")
        page.add("Summary", [.keyValues(summary)])
        page.add("Distortion, layer by layer", distortionBlocks)
        page.add("Bit allocation", allocationBlocks)
        page.add("Use of the codewords", [usage])
        let pictures = RRQPictures(run: run, record: record)
        if let section = try pictures.reconstructions() { page.sections.append(section) }
        if let section = try pictures.superResolution() { page.sections.append(section) }
        page.sections += SharedSections.closing(run)
        return page
    }

    private var summary: [(key: String, value: String)] {
        var lines: [(key: String, value: String)] = [
            ("Data", record.dataName),
            (
                "Training, test",
                "\(record.trainCount) and \(record.testCount) "
                    + (record.imageWidth == nil ? "vectors" : "images")
                    + (record.heldOutCount > 0 ? ", \(record.heldOutCount) more held out" : "")
            ),
            (
                "Dimension",
                "\(record.dimension)"
                    + (imageSize.map { " (\($0))" } ?? "")
            ),
        ]
        guard let last = record.layers.last else { return lines }
        lines.append(
            (
                "Rate",
                "\(short(last.bits)) bits at fixed length, \(short(last.entropyBits)) by entropy, "
                    + "\(String(format: "%.4f", last.bits / Double(record.dimension))) bits per dimension"
            ))
        lines.append(
            (
                "Distortion",
                "training \(short(last.trainDistortion)), test "
                    + "\(last.testDistortion.map(short) ?? "none"), bound \(short(last.boundDistortion)) of the energy"
            ))
        if let train = last.trainPSNR {
            lines.append(
                (
                    "PSNR",
                    "training \(String(format: "%.2f", train)) dB"
                        + (last.testPSNR.map { ", test \(String(format: "%.2f", $0)) dB" } ?? "")
                ))
        }
        return lines
    }

    /// Nil for vectors.
    private var imageSize: String? {
        guard let width = record.imageWidth, let height = record.imageHeight else { return nil }
        return "\(width) × \(height)" + (record.imageChannels == 3 ? ", RGB" : "")
    }

    private func short(_ value: Double) -> String { String(format: "%.5g", value) }

    // MARK: Distortion

    private var distortionBlocks: [ReportBlock] {
        let curves = LayerCurves(record: record)
        var blocks: [ReportBlock] = [
            .chart(
                curves.distortion, stem: "distortion",
                caption:
                    "Each layer adds log2 \(record.codewords) = \(short(log2(Double(record.codewords)))) bits. The bound is "
                    + "that of independent Gaussian dimensions with the training set's variances."
                    + (curves.leavesOut
                        ? " K-means soon knows its training vectors by heart; its curve is cut there." : ""))
        ]
        if let psnr = curves.psnr {
            blocks.append(.chart(psnr, stem: "psnr", caption: "Before clipping and rounding to 8 bits."))
        }
        return blocks
    }

    // MARK: Bit allocation

    private var allocationBlocks: [ReportBlock] {
        let layers = record.layers.map { Double($0.layer) }
        let sizes = LineChart(
            title: "Size of the active set", x: Axis("Layer"), y: Axis("Active dimensions", scale: .log10),
            series: [.init("active dimensions", x: layers, y: record.layers.map { Double($0.activeDimensions) })],
            references: [.horizontal(Double(record.dimension), label: "all \(record.dimension)")])
        let dimensions = (1...max(1, record.sourceVariances.count)).map {
            Double($0) * Double(record.dimension) / Double(max(1, record.sourceVariances.count))
        }
        let variances = LineChart(
            title: "Variances before any layer", x: Axis("Dimension", scale: .log10),
            y: Axis("Variance", scale: .log10),
            series: [.init("σ²", x: dimensions, y: record.sourceVariances, marker: Marker.none)],
            references: waterLevels)
        return [
            .chart(
                heatMap, stem: "bit-allocation",
                caption:
                    "Bits per dimension that reverse water-filling gives each layer. Dimensions run in band order, low "
                    + "frequencies first, on a logarithmic scale. Gray: not in the layer's active set."),
            .figureRow([
                ReportFigure(
                    sizes, stem: "active-sets",
                    caption: "Dimensions whose residual variance exceeds the layer's water level."),
                ReportFigure(
                    variances, stem: "variances",
                    caption: "Variance of each training dimension, with the water levels of some layers."),
            ]),
        ]
    }

    private var waterLevels: [ReferenceLine] {
        let last = record.layers.count
        return Set([1, max(1, last / 4), last]).sorted().compactMap { layer in
            guard record.layers.indices.contains(layer - 1), let level = record.layers[layer - 1].waterLevel else {
                return nil
            }
            return .horizontal(level, label: "γ* of layer \(layer)")
        }
    }

    /// Layers down, octaves of dimensions across.
    private var heatMap: HeatMap {
        let blocks = RateProfile.blocks(dimension: record.dimension)
        let octaves = log2(Double(max(2, record.dimension)))
        let columns = max(1, min(256, Int(16 * octaves)))
        let blockOfColumn = (0..<columns).map { column -> Int in
            let dimension = exp2((Double(column) + 0.5) / Double(columns) * octaves) - 1
            return blocks.firstIndex { Double($0.upperBound) > dimension } ?? blocks.count - 1
        }
        return HeatMap(
            title: "Rate per dimension and layer", x: Axis("log2 of the dimension"), y: Axis("Layer"),
            value: Axis("Rate", unit: "bits per dimension", scale: .log10),
            rows: record.layers.map { layer in
                // Blocks of which a few dimensions just exceed the water level share the darkest color.
                blockOfColumn.map {
                    layer.rateProfile.indices.contains($0) && layer.rateProfile[$0] > 0
                        ? max(layer.rateProfile[$0], 0.003) : 0
                }
            }, columnPositions: 0...octaves, rowPositions: 1...Double(max(1, record.layers.count)))
    }

    private var usage: ReportBlock {
        let layers = record.layers.map { Double($0.layer) }
        var series: [LineChart.Series] = [
            .init("training", x: layers, y: record.layers.map(\.trainPerplexity), marker: Marker.none)
        ]
        if record.layers.contains(where: { $0.testPerplexity != nil }) {
            series.append(
                .init("test", x: layers, y: record.layers.map { $0.testPerplexity ?? .nan }, marker: Marker.none))
        }
        series.append(
            .init(
                "codewords used in training", x: layers, y: record.layers.map { Double($0.codewordsUsed) },
                marker: Marker.none, dash: .dotted))
        let chart = LineChart(
            title: "Perplexity of the codewords", x: Axis("Layer"), y: Axis("Codewords", from: 0),
            series: series, references: [.horizontal(Double(record.codewords), label: "K")])
        return .chart(
            chart, stem: "usage",
            caption: "Two to the entropy of the codewords' frequencies: how many codewords are in effective use.")
    }

    func data() throws -> JSONValue {
        let layers = try JSONValue(encoding: record.layers)
        return [
            "method": "rrq", "data": .string(record.dataName), "dimension": .integer(Int64(record.dimension)),
            "codewords": .integer(Int64(record.codewords)), "layers": layers,
            "comparison": try JSONValue(encoding: record.comparison),
            "qualities": try JSONValue(encoding: record.qualities),
        ]
    }
}
