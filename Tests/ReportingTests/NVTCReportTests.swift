import Foundation
import MethodKit
import TestSupport
import Testing

@testable import NVTC
@testable import Reporting

@Suite struct NVTCReportTests {
    private let published = Result { try PublishedCodecs(path: SyntheticNVTCRun.publishedFile) }

    private func json(_ folder: URL, _ name: String = "report.json") throws -> [String: JSONValue] {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        guard case .object(let object) = try JSONDecoder().decode(JSONValue.self, from: data) else { return [:] }
        return object
    }

    private func objects(_ value: JSONValue?) -> [[String: JSONValue]] {
        guard case .array(let elements)? = value else { return [] }
        return elements.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    private func numbers(_ value: JSONValue?) -> [Double] {
        guard case .array(let elements)? = value else { return [] }
        return elements.compactMap { if case .number(let number) = $0 { number } else { nil } }
    }

    @Test func reportOfARun() throws {
        try ScratchFolder.withURL { folder in
            var record = try SyntheticNVTCRun.record()
            record.pictures = 2
            try SyntheticNVTCRun.write(record, to: folder, anchors: try published.get())
            let written = try RunReport.write(runFolder: folder.path)
            for name in [
                "rate-distortion", "bit-allocation", "loss", "rate", "psnr", "vq-distance", "alive-1", "alive-0",
                "perplexity-1", "perplexity-0",
            ] { #expect(written.files.contains("plots/\(name).svg"), "\(name)") }
            for name in ["image-01-original", "image-02-original", "image-02-lambda-512"] {
                #expect(written.files.contains("pictures/\(name).png"), "\(name)")
            }
            let page = try read(folder, "report/index.html")
            for words in [
                "what the entropy model charges", "10 images of photos", "2 images of kodak", "12,345 parameters",
                "λ = 128, 1000 steps from new weights", "rates on", "2 stages", "MLIC++",
            ] { #expect(page.contains(words), "\(words)") }
            #expect(!page.contains("Optional") && !page.contains("nan"))

            let report = folder.appendingPathComponent("report")
            let data = try json(report)
            let curve = try #require(objects(data["curves"]).first)
            #expect(data["method"] == "nvtc" && curve["method"] == "nvtc")
            #expect(numbers(curve["bpp"]) == record.points.map(\.bitsPerPixel))
            #expect(numbers(curve["psnr-rgb"]) == record.points.map(\.psnr))
            // Shares of the bits in the order of decoding.
            let layers = objects(objects(data["points"]).first?["layers"])
            #expect(layers.map { $0["layer"] } == ["1.1", "1.0", "0.0"])
            #expect(layers.map { $0["factor"] } == [.number(8), .number(8), .number(4)])
            for (layer, share) in zip(layers, [0.1, 0.3, 0.6]) {
                #expect(abs((numbers(.array([layer["share"] ?? .null])).first ?? 0) - share) < 1e-12)
            }
            // 1 dB above JPEG at the same rates: its BD-PSNR, and fewer bits.
            let deltas = objects(data["bd-rates"])
            #expect(deltas.count == 13)
            let jpeg = try #require(deltas.first { $0["anchor"] == "JPEG" })
            let gain = try #require(numbers(.array([jpeg["bd-psnr"] ?? .null])).first)
            #expect(abs(gain - 1) < 0.15)
            #expect(try #require(numbers(.array([jpeg["bd-rate"] ?? .null])).first) < -5)

            let file = try CompressAIResults(path: report.appendingPathComponent("rate-distortion.json").path)
            #expect(file.name == "Synthetic codec")
            #expect(try file.curve(quality: "psnr-rgb").rates == record.points.map(\.bitsPerPixel))
        }
    }

    @Test func withoutPicturesNothingOfTheDataIsInTheReport() throws {
        try ScratchFolder.withURL { folder in
            var record = try SyntheticNVTCRun.record()
            record.pictures = 1
            try SyntheticNVTCRun.write(record, to: folder)
            let written = try RunReport.write(runFolder: folder.path, pictures: false)
            #expect(!written.files.contains { $0.hasPrefix("pictures/") })
            #expect(!(try read(folder, "report/index.html")).contains("data:image/png"))
            // A picture that is gone is missed.
            try FileManager.default.removeItem(at: folder.appendingPathComponent(NVTCPictures.original(0)))
            do {
                try RunReport.write(runFolder: folder.path)
                Issue.record("no error")
            } catch { #expect("\(error)".contains("image-01-original.png")) }
        }
    }

    @Test func trainingIsLaidOutLambdaAfterLambda() throws {
        let record = try SyntheticNVTCRun.record()
        let metrics = try RunMetrics(csv: Data(SyntheticNVTCRun.metrics(record).utf8), file: "metrics.csv")
        let training = NVTCTraining(metrics, layers: NVTCLayers(record.architecture))
        #expect(training.stretches.map(\.lambda) == [128, 64, 256, 512])
        #expect(training.stretches.map(\.start) == [0, 1000, 1400, 1800])
        #expect(training.phases == [.init(step: 100, label: "2 stages"), .init(step: 200, label: "rates on")])
        let psnr = try #require(training.chart("psnr", title: "", Axis("PSNR"), validated: true))
        #expect(psnr.series.map(\.name) == ["λ = 128", "λ = 64", "λ = 256", "λ = 512", "validation images"])
        #expect(psnr.series[1].x.first == 1050 && psnr.series[4].x == [1000, 1400, 1800, 2200])
        // The fine layer has no codewords in use before its stage is quantized.
        let fine = try #require(training.chart("alive", stage: 0, title: "", Axis("Alive"), scaled: 100))
        #expect(fine.series.count == 1 && fine.series[0].y.prefix(3).map(\.isFinite) == [false, false, true])
        #expect(fine.series[0].y[2] == 50)
        #expect(training.chart("absent", title: "", Axis("")) == nil)
    }

    @Test func undefinedRatesAreExplained() throws {
        try ScratchFolder.withURL { folder in
            try SyntheticNVTCRun.write(
                try SyntheticNVTCRun.record(count: 1), to: folder, anchors: try published.get())
            try RunReport.write(runFolder: folder.path)
            #expect(try read(folder, "report/index.html").contains("too few points: 1, at least 2 are needed"))
            // Far above everything: no quality in common.
            try SyntheticNVTCRun.write(
                try SyntheticNVTCRun.record(gain: 40), to: folder, anchors: try published.get())
            try RunReport.write(runFolder: folder.path)
            #expect(try read(folder, "report/index.html").contains("no PSNRs in common"))
            // More bits for less quality.
            var record = try SyntheticNVTCRun.record()
            record.points[1].psnr = record.points[0].psnr - 1
            try SyntheticNVTCRun.write(record, to: folder, anchors: try published.get())
            try RunReport.write(runFolder: folder.path)
            #expect(try read(folder, "report/index.html").contains("does not rise"))
            // Without curves.
            try FileManager.default.removeItem(at: folder.appendingPathComponent(RunContents.anchorsFile))
            try RunReport.write(runFolder: folder.path)
            #expect(try read(folder, "report/index.html").contains("report.anchors"))
        }
    }

    @Test func aDamagedRunIsNamed() throws {
        try ScratchFolder.withURL { folder in
            func problem(metrics: String? = nil, _ change: (inout NVTCRecord) -> Void = { _ in }) throws -> String {
                var record = try SyntheticNVTCRun.record()
                change(&record)
                try SyntheticNVTCRun.write(record, to: folder, metrics: metrics)
                do {
                    try RunReport.write(runFolder: folder.path)
                    return "no error"
                } catch {
                    #expect(error is LloydError && "\(error)".contains(folder.path))
                    return "\(error)"
                }
            }
            #expect(try problem() == "no error")
            #expect(try problem { $0.points = [] }.contains("points: the record is damaged: the list is empty"))
            #expect(try problem { $0.points[1].lambda = 64 }.contains("points[1]"))
            #expect(try problem { $0.points[2].layers.removeLast() }.contains("points[2]"))
            #expect(try problem { $0.points[0].layers[1].alive = 9999 }.contains("layer 1.0"))
            #expect(try problem { $0.points[0].images[1].layers = [] }.contains("image2.png"))
            #expect(try problem { $0.points[0].images = [] }.contains("not measured on any image"))
            #expect(try problem { $0.points[3].images.swapAt(0, 1) }.contains("other images"))
            #expect(try problem { $0.pictures = 3 }.contains("pictures"))
            #expect(try problem { $0.architecture.stages = [] }.contains("architecture"))
            #expect(try problem { $0.architecture.stages[0].layers = 1 << 40 }.contains("architecture"))
            #expect(try problem(metrics: "").contains("metrics.csv"))
            #expect(try problem(metrics: "kind,step\ntrain\n").contains("line 2"))
            #expect(try problem(metrics: "kind,step\ntrain,many\n").contains("line 2, step"))
            // No metrics at all still make a page.
            #expect(try problem(metrics: "kind,step\n") == "no error")
            // A record without a part.
            try Data("{\"kind\": \"nvtc\", \"title\": \"x\"}".utf8).write(
                to: folder.appendingPathComponent(NVTCRecord.fileName))
            do {
                try RunReport.write(runFolder: folder.path)
                Issue.record("no error")
            } catch { #expect("\(error)".contains("damaged") && "\(error)".contains(folder.path)) }
        }
    }

    @Test func runsSideBySide() throws {
        try ScratchFolder.withURL { folder in
            func run(_ name: String, _ record: NVTCRecord) throws -> String {
                try SyntheticNVTCRun.write(record, to: folder.appendingPathComponent(name))
                return folder.appendingPathComponent(name).path
            }
            var early = try SyntheticNVTCRun.record(title: "Full model")
            var late = early
            early.points.removeLast(2)
            late.points.removeFirst(2)
            let folders = [
                try run("full-1", early), try run("full-2", late),
                try run("no-vt", try SyntheticNVTCRun.record(title: "Without VT", gain: 0.5)),
            ]
            let out = folder.appendingPathComponent("out")
            let written = try ComparisonReport(
                folders, title: "Variants", anchors: SyntheticNVTCRun.publishedFile
            ).write(to: out.path)
            #expect(written.files.contains("plots/rate-distortion.svg"))
            #expect(written.files.contains("plots/bit-allocation.svg"))
            let page = try read(out, "index.html")
            // Two runs of one title are one codec; the variant needs more bits than it.
            for words in ["Table 4", "Full model, λ = 64", "Without VT", "Against the published codecs"] {
                #expect(page.contains(words), "\(words)")
            }
            let data = try JSONDecoder().decode(
                JSONValue.self, from: Data(contentsOf: out.appendingPathComponent("report.json")))
            let runs = objects(data)
            #expect(runs.map { $0["run"] } == ["full-1", "full-2", "no-vt", nil])
            #expect(runs[3]["method"] == "comparison")
            #expect(runs[0]["bd-rate-to-first"] == .null && objects(runs[1]["bd-rates"]).count == 13)
            guard case .object(let delta)? = runs[2]["bd-rate-to-first"], case .number(let rate)? = delta["bd-rate"]
            else {
                Issue.record("no BD-rate to the first")
                return
            }
            #expect(rate > 2)
        }
    }
}
