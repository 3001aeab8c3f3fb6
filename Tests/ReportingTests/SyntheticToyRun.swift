import Datasets
import Foundation
import MethodKit
import Training

@testable import Reporting
@testable import ToySources

/// Run folders of toy sources as a study would leave them, made from formulas.
enum SyntheticToyRun {
    /// The project's own published curves.
    static let publishedFile = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Configs/anchors/toy-sources.json").path

    /// Published points moved by `gain` dB, one of every second published rate.
    static func points(
        _ published: PublishedToyCurves, source: String, dimension: Int, method: ToyMethod, gain: Double
    ) -> [ToyRecord.Point] {
        let curve = published.curve(source: source, dimension: dimension, method: method.rawValue)!
        return zip(curve.bpd, curve.psnr).enumerated().map { index, point in
            let error = pow(10, -(point.1 + gain) / 10)
            let isGradient = method != .vq && method != .ecvq
            return ToyRecord.Point(
                method: method, lambda: method == .vq || method == .ntvq ? nil : exp2(Double(index)),
                codewords: method == .ntc ? nil : 1024,
                alive: Int(exp2(Double(dimension) * point.0)) + 1, bitsPerDimension: point.0, meanSquaredError: error,
                trainingSamples: isGradient ? 8_192_000 / (index + 1) : 20 << 20,
                trainingSteps: isGradient ? 8000 / (index + 1) : 20)
        }
    }

    static func record(
        source: String = "boomerang", dimension: Int = 2, methods: [ToyMethod] = ToyMethod.allCases, gain: Double = 0.02
    ) throws -> ToyRecord {
        let published = try PublishedToyCurves(path: publishedFile)
        return ToyRecord(
            title: "Synthetic \(source)", source: source, dimension: dimension, testSamples: 1_000_000, seed: 1,
            points: methods.flatMap {
                points(published, source: source, dimension: dimension, method: $0, gain: gain)
            })
    }

    /// Writes the folder of a finished run.
    static func write(_ record: ToyRecord, to folder: URL, anchors: PublishedToyCurves? = nil) throws {
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("partitions"), withIntermediateDirectories: true)
        func write(_ data: Data, _ name: String) throws { try data.write(to: folder.appendingPathComponent(name)) }
        try write(JSONEncoder().encode(record), ToyRecord.fileName)
        try write(Data("method: toy\ntitle: \"\(record.title)\"\nseed: 1\n".utf8), "config.yaml")
        let accounting = """
            {"ranks": 2, "threads": 1, "seconds": 61.5, "peakMegabytes": 120, "reducedMegabytes": 8, "rows": [
            {"phase": "ecvq", "activity": "map", "steps": 200, "minimum": 20, "mean": 21, "maximum": 22}]}
            """
        try write(Data(accounting.utf8), RunAccounting.fileName)
        if let anchors { try write(Data(anchors.json.prettyText.utf8), RunContents.anchorsFile) }
    }

    // MARK: Partitions

    static let bounds = ToyPartition.Bounds(x: -4, y: -2.75, width: 6, height: 5.5)

    /// Hexagons of a given distance between centers, as ECVQ makes them at high rate.
    static func hexagons(_ source: ToySource, distance: Double, size: Int = 400) -> ToyPartition {
        let height = distance * 0.75.squareRoot()
        func key(_ row: Int, _ column: Int) -> Int { (row + 500) * 2000 + column + 1000 }
        return partition(source, size: size) { x, y in
            // The nearest center is in one of the two rows beside the point.
            let row = Int((y / height).rounded(.down))
            var best = (distance: Double.infinity, key: 0, x: 0.0, y: 0.0)
            for row in [row, row + 1] {
                let shift = row & 1 == 0 ? 0 : distance / 2
                let column = Int(((x - shift) / distance).rounded())
                let (u, v) = (Double(column) * distance + shift, Double(row) * height)
                let square = (x - u) * (x - u) + (y - v) * (y - v)
                if square < best.distance { best = (square, key(row, column), u, v) }
            }
            return best.key
        }
    }

    /// Squares in the coordinates before Boomerang's bend, as a transform between them and the plane makes them.
    static func bentSquares(_ source: ToySource, side: Double, size: Int = 400) -> ToyPartition {
        partition(source, size: size) { x, y in
            let u = Int((y / side).rounded())
            let v = Int(((x - 1 + y * y - 0.9 * y) / (side * 0.9)).rounded())
            return (u + 1000) * 100_000 + v + 50_000
        }
    }

    /// Cells by a label of each point; codewords are the cells' centroids.
    private static func partition(
        _ source: ToySource, size: Int, _ label: (Double, Double) -> Int
    ) -> ToyPartition {
        let (columns, rows) = (size, Int(Double(size) * bounds.height / bounds.width))
        var numbers: [Int: Int32] = [:]
        var sums: [(x: Double, y: Double, mass: Double)] = []
        var cells: [Int32] = []
        var density: [Float] = []
        for row in 0..<rows {
            let y = bounds.y + (Double(row) + 0.5) / Double(rows) * bounds.height
            for column in 0..<columns {
                let x = bounds.x + (Double(column) + 0.5) / Double(columns) * bounds.width
                let label = label(x, y)
                let number = numbers[label] ?? Int32(sums.count)
                if Int(number) == sums.count {
                    numbers[label] = number
                    sums.append((0, 0, 0))
                }
                let mass = source.density(x, y) + 1e-12
                sums[Int(number)].x += x * mass
                sums[Int(number)].y += y * mass
                sums[Int(number)].mass += mass
                cells.append(number)
                density.append(Float(mass))
            }
        }
        let all = sums.reduce(0) { $0 + $1.mass }
        return ToyPartition(
            bounds: bounds, rows: rows, columns: columns, cells: cells, density: density,
            codewords: sums.map {
                .init(x: Float($0.x / $0.mass), y: Float($0.y / $0.mass), probability: Float($0.mass / all))
            })
    }
}
