import Datasets
import Foundation
import Testing

@testable import Reporting
@testable import ToySources

@Suite struct PartitionChartTests {
    private func boundaries(_ rows: [String]) -> CellBoundaries {
        CellBoundaries(
            cells: rows.flatMap { $0.utf8.map { Int32($0) } }, rows: rows.count, columns: rows[0].utf8.count)
    }

    @Test func pathsEndWhereCellsMeet() {
        #expect(boundaries(["aaaa", "aaaa"]).paths.isEmpty)
        // Two cells: one line from rim to rim, of two points.
        let straight = boundaries(["aabb", "aabb", "aabb"]).paths
        #expect(straight == [[.init(2, 0), .init(2, 3)]])
        // Three cells: three lines from one meeting.
        let three = boundaries(["aabb", "aabb", "cccc"]).paths
        #expect(three.count == 3 && three.allSatisfy { $0.contains(.init(2, 2)) && $0.count == 2 })
        // Four in a checkerboard: four lines.
        #expect(boundaries(["ab", "ba"]).paths.count == 4)
        // An island: a closed path around it.
        let island = boundaries(["......", ".oooo.", ".oooo.", ".oooo.", ".oooo.", "......"]).paths
        #expect(island.count == 1 && island[0].first == island[0].last && island[0].count >= 4)
        #expect(boundaries([".o"]).paths.count == 1)
        #expect(CellBoundaries(cells: [], rows: 0, columns: 0).paths.isEmpty)
    }

    /// A staircase becomes the straight line that it stands for.
    @Test func slantedLinesAreStraight() {
        for slope in [0.13, 0.5, 0.77] {
            let size = 200
            let cells = (0..<size * size).map { index -> Int32 in
                Double(index / size) + 0.5 > slope * (Double(index % size) + 0.5) + 20.3 ? 1 : 0
            }
            let paths = CellBoundaries(cells: cells, rows: size, columns: size).paths
            #expect(paths.count == 1 && paths[0].count <= 4, "\(slope): \(paths[0])")
            for point in paths[0] {
                let away = abs(Double(point.y) - slope * Double(point.x) - 20.3) / (1 + slope * slope).squareRoot()
                #expect(away < 0.75, "\(slope): \(point)")
            }
        }
    }

    /// Every boundary of a hexagonal lattice is half way between two centers, and drawn with few points.
    @Test func hexagonsAreTracedWithFewPoints() throws {
        let source = try ToySource("boomerang", dimension: 2)
        let partition = SyntheticToyRun.hexagons(source, distance: 0.4)
        let paths = CellBoundaries(cells: partition.cells, rows: partition.rows, columns: partition.columns).paths
        // Three sides a cell, and some that the rim cuts off.
        #expect(paths.count > 2 * partition.codewords.count && paths.count < 4 * partition.codewords.count)
        let points = paths.reduce(0) { $0 + $1.count }
        #expect(points < 3 * paths.count)
        for path in paths { for point in path { #expect(point.x >= 0 && point.x <= Float(partition.columns)) } }
        let svg = PartitionChart(title: "ECVQ", partition: partition).svg(width: 360)
        #expect(svg.utf8.count < 90_000, "\(svg.utf8.count) bytes")
    }

    @Test func bothAxesHaveTheSameScale() throws {
        let source = try ToySource("boomerang", dimension: 2)
        let chart = PartitionChart(title: "cells", partition: SyntheticToyRun.bentSquares(source, side: 0.4, size: 120))
        for width in [240.0, 360, 720] {
            let svg = chart.svg(width: width)
            let xml = XMLReading(svg)
            #expect(xml.problem == nil && hasOnlyNumbers(svg))
            let image = try #require(xml.elements.first { $0.name == "image" }?.attributes)
            let across = try #require(Double(image["width"] ?? "")) / SyntheticToyRun.bounds.width
            let up = try #require(Double(image["height"] ?? "")) / SyntheticToyRun.bounds.height
            #expect(abs(across / up - 1) < 0.005)
            #expect(xml.texts.contains("cells"))
            for element in xml.elements where element.name == "text" {
                let x = try #require(Double(element.attributes["x"] ?? ""))
                #expect(x >= 0 && x <= width)
            }
        }
    }

    /// Radii in the drawing go with the square root of the probability; what lies outside or is unused is not drawn.
    @Test func discsHaveAreasByProbability() throws {
        let partition = ToyPartition(
            bounds: .init(x: 0, y: 0, width: 4, height: 4), rows: 4, columns: 4,
            cells: (0..<16).map { $0 % 4 < 2 ? 0 : 1 }, density: Array(repeating: 1, count: 16),
            codewords: [
                .init(x: 1, y: 2, probability: 0.8), .init(x: 3, y: 2, probability: 0.2),
                .init(x: 2, y: 2, probability: 0), .init(x: 9, y: 2, probability: 0.1),
            ])
        let xml = XMLReading(PartitionChart(title: "two", partition: partition).svg())
        let discs = try #require(
            xml.elements.first { $0.attributes["fill"] == PartitionChart.codewordColor.hex }?.attributes["d"])
        let radii = discs.split(separator: "M").map { disc -> Double in
            Double(disc.split(separator: "a")[1].split(separator: " ")[0])!
        }
        #expect(radii.count == 2)
        #expect(abs(radii[0] / radii[1] - 2) < 0.1)
    }

    @Test func emptyPartitionsAreNoCrash() {
        let partition = ToyPartition(
            bounds: .init(x: -1, y: -1, width: 2, height: 1), rows: 2, columns: 3, cells: [0, 0, 0, 0, 0, 0],
            density: [.nan, 0, 0, 0, 0, 0], codewords: [])
        let svg = PartitionChart(title: "nothing", partition: partition).svg()
        #expect(XMLReading(svg).problem == nil && hasOnlyNumbers(svg))
    }
}
