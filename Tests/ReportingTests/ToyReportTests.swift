import Datasets
import Foundation
import MethodKit
import TestSupport
import Testing

@testable import Reporting
@testable import ToySources

@Suite struct ToyReportTests {
    private let published = Result { try PublishedToyCurves(path: SyntheticToyRun.publishedFile) }

    /// Boomerang with all methods and two pictures.
    private func write(_ folder: URL) throws {
        var record = try SyntheticToyRun.record()
        let source = try ToySource("boomerang", dimension: 2)
        for (method, name) in [(ToyMethod.ecvq, "partitions/ecvq.safetensors"), (.ntc, "partitions/ntc.safetensors")] {
            record.points[record.points.firstIndex { $0.method == method && $0.lambda == 16 }!].partition = name
        }
        try SyntheticToyRun.write(record, to: folder, anchors: try published.get())
        try SyntheticToyRun.hexagons(source, distance: 0.5, size: 120).write(
            to: folder.path + "/partitions/ecvq.safetensors")
        try SyntheticToyRun.bentSquares(source, side: 0.5, size: 120).write(
            to: folder.path + "/partitions/ntc.safetensors")
    }

    private func json(_ folder: URL) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: folder.appendingPathComponent("report.json")))
    }

    @Test func reportOfARun() throws {
        try ScratchFolder.withURL { folder in
            try write(folder)
            let written = try RunReport.write(runFolder: folder.path)
            for name in ["curves", "differences", "alive", "cells-ecvq", "cells-ntc"] {
                #expect(written.files.contains("plots/\(name).svg"))
            }
            let page = try read(folder, "report/index.html")
            for words in [
                ">published<", "CVPR 2023", "NTC over ECVQ", "cut short", "300,000 gradient steps", "Areas",
                "1,000,000",
                "Where the time went",
            ] { #expect(page.localizedCaseInsensitiveContains(words), "\(words)") }
            #expect(!page.contains("Left undefined") && !page.contains("Optional"))
            #expect(page.contains("codewords in use."))

            guard case .object(let data) = try json(folder.appendingPathComponent("report")),
                case .array(let curves)? = data["curves"], case .object(let first)? = curves.first,
                case .array(let others)? = data["published"], case .object(let deltas)? = data["deltas"]
            else {
                Issue.record("report.json has another form")
                return
            }
            #expect(curves.count == 5 && others.count == 5)
            #expect(first["source"] == "boomerang" && first["method"] == "vq")
            guard case .array(let rates)? = first["bpd"], case .array(let qualities)? = first["psnr"] else {
                Issue.record("a curve without rates")
                return
            }
            #expect(rates.count == 8 && qualities.count == 8 && rates.first == .number(1.2359))
            // Every curve is the published one moved by 0.02 dB: that is its BD-PSNR, and NTC over ECVQ is as
            // published.
            guard case .object(let against)? = deltas["against-published"], case .object(let ecvq)? = against["ecvq"],
                case .number(let gain)? = ecvq["bd-psnr"], case .object(let over)? = deltas["over-ecvq"],
                case .object(let ntc)? = over["ntc"], case .number(let loss)? = ntc["bd-psnr"]
            else {
                Issue.record("no deltas")
                return
            }
            #expect(abs(gain - 0.02) < 1e-9 && abs(loss + 0.3435763132073931) < 1e-9)
            #expect(deltas["paper-ntc-over-ecvq"] == .number(-0.58))
        }
    }

    @Test func withoutPublishedCurvesThePageSaysSo() throws {
        try ScratchFolder.withURL { folder in
            let record = try SyntheticToyRun.record(methods: [.ecvq, .ntc])
            try SyntheticToyRun.write(record, to: folder)
            let written = try RunReport.write(runFolder: folder.path)
            #expect(written.files.contains("plots/differences.svg"))
            let page = try read(folder, "report/index.html")
            #expect(page.contains("report.anchors") && page.contains("this run&#39;s ECVQ curve"))
            // Given on the command line instead.
            try RunReport.write(runFolder: folder.path, anchors: SyntheticToyRun.publishedFile)
            #expect(try read(folder, "report/index.html").contains(">published<"))
            #expect(throws: LloydError.self) {
                try RunReport.write(runFolder: folder.path, anchors: folder.path + "/absent.json")
            }
        }
    }

    @Test func undefinedDeltasAreExplained() throws {
        try ScratchFolder.withURL { folder in
            var record = try SyntheticToyRun.record(methods: [.ecvq, .ntc])
            record.points.removeAll { $0.method == .ntc && $0.bitsPerDimension < 4.6 }
            for rate in [6.0, 7] {
                record.points.append(
                    .init(
                        method: .ntc, lambda: 1e5 * rate, alive: 9, bitsPerDimension: rate,
                        meanSquaredError: exp2(-2 * rate), trainingSamples: 1, trainingSteps: 1))
            }
            try SyntheticToyRun.write(record, to: folder, anchors: try published.get())
            try RunReport.write(runFolder: folder.path)
            let page = try read(folder, "report/index.html")
            #expect(
                page.contains("Left undefined") && page.contains("NTC over ECVQ: the curves have no rates in common"))
        }
    }

    /// Where the bound is known, differences are to the bound; a single method is enough for a page.
    @Test func gaussiansAreMeasuredAgainstTheBound() throws {
        let record = try SyntheticToyRun.record(source: "normaliid", dimension: 8, methods: [.ecvq])
        let curves = ToyCurves(record: record, published: try published.get())
        #expect(curves.reference == .bound)
        #expect(try abs(#require(curves.boundQuality(1)) - 6.0206) < 1e-3)
        let chart = try #require(curves.differences())
        #expect(
            chart.series.filter { !$0.x.isEmpty }.count == 2 && chart.series.allSatisfy { $0.y.allSatisfy { $0 < 0 } })
        #expect(curves.rateDistortion().series.last?.name == "bound")
        try ScratchFolder.withURL { folder in
            try SyntheticToyRun.write(record, to: folder, anchors: try published.get())
            try RunReport.write(runFolder: folder.path)
        }
        let laplace = try SyntheticToyRun.record(source: "laplaceiid", methods: [.vq])
        #expect(ToyCurves(record: laplace, published: try published.get()).reference == .published)
        #expect(ToyCurves(record: laplace, published: PublishedToyCurves(curves: [])).differences() == nil)
    }

    @Test func aMissingPictureIsNamed() throws {
        try ScratchFolder.withURL { folder in
            var record = try SyntheticToyRun.record(methods: [.ecvq])
            record.points[0].partition = "partitions/gone.safetensors"
            try SyntheticToyRun.write(record, to: folder)
            do {
                try RunReport.write(runFolder: folder.path)
                Issue.record("no error")
            } catch { #expect("\(error)".contains("gone.safetensors")) }
        }
    }

    @Test func comparisonOfSources() throws {
        try ScratchFolder.withURL { top in
            let boomerang = top.appendingPathComponent("a")
            try write(boomerang)
            var folders = [boomerang]
            for (name, source, dimension) in [
                ("b", "normaliid", 2), ("c", "normaliid", 16), ("d", "sphere0", 2), ("e", "boomerang", 2),
            ] {
                let folder = top.appendingPathComponent(name)
                let record = try SyntheticToyRun.record(source: source, dimension: dimension, methods: [.ecvq, .ntc])
                try SyntheticToyRun.write(record, to: folder, anchors: try published.get())
                folders.append(folder)
            }
            let out = top.appendingPathComponent("out")
            let written = try ComparisonReport(folders.map(\.path), title: "Toys").write(to: out.path)
            for name in [
                "curves-boomerang-2d", "curves-boomerang-2d-2", "differences-normaliid-16d", "cells-boomerang-2d-ecvq",
                "cells-boomerang-2d-ntc",
            ] { #expect(written.files.contains("plots/\(name).svg"), "\(name)") }
            let markdown = try read(out, "report.md")
            #expect(markdown.contains("| BD-PSNR | 2d (dB) | 4d (dB) | 8d (dB) | 16d (dB) |"))
            #expect(markdown.contains("| Lloyd | −0.15 | – | – | −0.56 |"))
            #expect(markdown.contains("| Paper | −0.15 | −0.31 | −0.47 | −0.71 |"))
            #expect(markdown.contains("| BD-PSNR | IG (dB) | Banana (dB) | Boomerang (dB) |"))
            #expect(markdown.contains("| Lloyd, run 2 | – | – | −0.34 |"))
            #expect(markdown.contains("| BD-PSNR | Disc (dB) |"))
            guard case .array(let runs) = try json(out) else {
                Issue.record("report.json is not a list of runs")
                return
            }
            #expect(runs.count == 5)
        }
    }
}
