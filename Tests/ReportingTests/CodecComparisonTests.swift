import Codec
import Datasets
import Foundation
import MethodKit
import TestSupport
import Testing

@testable import Reporting

/// Evaluations, runs and published curves in one report.
@Suite struct CodecComparisonTests {
    /// Points at rates of 0.25 bits per pixel and its doubles; 6 dB and half of 1 − MS-SSIM for each, and `gain` dB more.
    private func record(
        _ name: String, gain: Double = 0, peer: Bool = false, images: [String] = ["a", "b"]
    ) -> EvaluationRecord {
        EvaluationRecord(
            name: name, description: "made by a formula", coder: "test", data: "2 images", isPeer: peer ? true : nil,
            ranks: 1, threads: 2, processor: "a processor",
            points: (0..<4).map { index in
                EvaluationRecord.Point(
                    setting: "quality \(index)",
                    images: images.map {
                        let scale = Double(1 << index)
                        return .init(
                            name: $0, width: 64, height: 32, bytes: 64 << index, estimatedBits: 500 * scale,
                            psnr: 26 + 6 * Double(index) + gain, msSSIM: 1 - 0.2 / scale,
                            encodingSeconds: peer ? ["total": 0.5] : ["transform": 0.25, "entropy coding": 0.5],
                            decodingSeconds: ["total": 0.125], layerBits: peer ? nil : [100 * scale, 400 * scale])
                    })
            })
    }

    private func write(_ record: EvaluationRecord, _ folder: URL, _ name: String) throws -> String {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try JSONEncoder().encode(record).write(to: file)
        return file.path
    }

    private func objects(_ folder: URL, _ name: String) throws -> [[String: JSONValue]] {
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        guard case .array(let list) = try JSONDecoder().decode(JSONValue.self, from: data) else { return [] }
        return list.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    private func number(_ value: JSONValue?) -> Double? { if case .number(let number)? = value { number } else { nil } }

    @Test func evaluationsBesideRunsAndPublishedCurves() throws {
        try ScratchFolder.withURL { folder in
            let own = try write(record("Ours", gain: 1.5), folder, "ours.json")
            _ = try write(record("JPEG", peer: true), folder, "classical/jpeg.json")
            _ = try write(record("New, codec", gain: 3, peer: true), folder, "classical/new.json")
            try Data("{\"kind\": \"something else\"}".utf8).write(
                to: folder.appendingPathComponent("classical/other.json"))
            let run = folder.appendingPathComponent("run")
            try SyntheticNVTCRun.write(try SyntheticNVTCRun.record(title: "Trained"), to: run)
            let out = folder.appendingPathComponent("out")
            let written = try ComparisonReport(
                [own, run.path, folder.appendingPathComponent("classical").path], title: "All",
                anchors: SyntheticNVTCRun.publishedFile
            ).write(to: out.path)
            for name in [
                "plots/rate-distortion.svg", "plots/rate-distortion-logarithmic.svg", "plots/ms-ssim.svg",
                "plots/ms-ssim-logarithmic.svg", "plots/layer-bits-1.svg", "curve-ours.json", "curve-trained.json",
                "curve-jpeg.json", "curve-new-codec.json",
            ] { #expect(written.files.contains(name), "\(name)") }
            let page = try read(out, "index.html")
            for words in [
                "1 run: run; 3 evaluations: Ours, JPEG, New, codec", "JPEG, published", "Against JPEG (files)",
                "Table 3", "Entropy coding", "1 × 2", "a processor", "Against the other codecs", "rank-hours",
            ] { #expect(page.contains(words), "\(words)") }
            #expect(!page.contains("Optional") && !page.contains("http://") && !page.contains("nan"))

            let data = try objects(out, "report.json")
            #expect(
                data.map { $0["run"] ?? .null } == ["run", "Ours", "JPEG", "New, codec", .null])
            let comparison = try #require(data.last)
            #expect(comparison["reference"] == "JPEG")
            guard case .array(let rates)? = comparison["bd-rates"] else {
                Issue.record("no BD-rates")
                return
            }
            // Doubling the rate gives 6 dB: 1.5 dB are worth a quarter of a doubling.
            let found = rates.compactMap { if case .object(let entry) = $0 { entry } else { nil } }
            #expect(found.count == 1 + 2 + 13)
            let ours = try #require(found.first { $0["codec"] == "Ours" })
            guard case .object(let psnr)? = ours["psnr"], case .object(let similar)? = ours["ms-ssim"] else {
                Issue.record("no deltas")
                return
            }
            #expect(abs(try #require(number(psnr["bd-rate"])) - 100 * (exp2(-0.25) - 1)) < 1e-9)
            #expect(abs(try #require(number(psnr["bd-psnr"])) - 1.5) < 1e-9)
            #expect(abs(try #require(number(similar["bd-rate"]))) < 1e-9)

            let curve = try CompressAIResults(path: out.appendingPathComponent("curve-ours.json").path)
            #expect(try curve.curve(quality: "ms-ssim-rgb").qualities.map { 1 - $0 }.allSatisfy { $0 > 0.02 })
            #expect(try curve.curve(quality: "psnr-rgb").rates == [0.25, 0.5, 1, 2])
            // What it has written, it can read: as published curves of another report.
            let again = try PublishedCodecs(path: out.appendingPathComponent("curve-ours.json").path)
            #expect(again.curves[0].msSSIM?.count == 4)
        }
    }

    @Test func anotherReference() throws {
        try ScratchFolder.withURL { folder in
            let files = [
                try write(record("A"), folder, "a.json"), try write(record("B", gain: 3), folder, "b.json"),
            ]
            let out = folder.appendingPathComponent("out")
            try ComparisonReport(files, title: "Two", reference: "B").write(to: out.path)
            #expect(try read(out, "index.html").contains("Against B (files)"))
            do {
                _ = try ComparisonReport(files, title: "Two", reference: "C")
                Issue.record("no error")
            } catch { #expect("\(error)".contains("“C”") && "\(error)".contains("A; B")) }
            // The same name twice.
            try ComparisonReport([files[0], files[0]], title: "Twice").write(to: out.path)
            #expect(try read(out, "index.html").contains("A, files"))
        }
    }

    @Test func damagedEvaluationsAreNamed() throws {
        try ScratchFolder.withURL { folder in
            func problem(_ change: (inout EvaluationRecord) -> Void) throws -> String {
                var damaged = record("A")
                change(&damaged)
                let file = try write(damaged, folder, "damaged.json")
                do {
                    _ = try ComparisonReport([file], title: "x")
                    return "no error"
                } catch {
                    #expect("\(error)".contains(file))
                    return "\(error)"
                }
            }
            #expect(try problem { _ in } == "no error")
            #expect(try problem { $0.points = [] }.contains("empty"))
            #expect(try problem { $0.points[1].images = [] }.contains("points[1]"))
            #expect(try problem { $0.points[2].images[0].width = 0 }.contains("0x32"))
            #expect(try problem { $0.points[2].images[0].bytes = -5 }.contains("-5 bytes"))
            #expect(try problem { $0.points[3].images[1].msSSIM = 1.5 }.contains("points[3]"))
            #expect(try problem { $0.points[0].images[1].name = "a" }.contains("twice"))
            #expect(try problem { $0.points[1].images[1].name = "c" }.contains("other images"))
            #expect(try problem { $0.points[1].setting = "quality 0" }.contains("setting"))
            #expect(try problem { $0.kind = "run" }.contains("is not an evaluation"))
            let file = folder.appendingPathComponent("x.json")
            for text in ["", "{", "[]", "{\"kind\": \"evaluation\"}"] {
                try Data(text.utf8).write(to: file)
                #expect(throws: LloydError.self) { try ComparisonReport([file.path], title: "x") }
            }
            // A folder without evaluations is taken for a run.
            #expect(throws: LloydError.self) {
                try ComparisonReport([folder.appendingPathComponent("none").path], title: "x")
            }
        }
    }

    @Test func cropsAtEqualRate() throws {
        try ScratchFolder.withURL { folder in
            func picture(_ level: Float) -> Data {
                var image = Image(
                    width: 640, height: 320, channels: 3, samples: Array(repeating: level, count: 640 * 320 * 3))
                // Detail in one window only.
                for column in stride(from: 420, to: 470, by: 2) { image[1, 200, column] = 1 }
                return image.pngData()
            }
            func put(_ data: Data, _ name: String) throws {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try data.write(to: file)
            }
            var one = record("Ours")
            for point in one.points.indices {
                for image in one.points[point].images.indices {
                    one.points[point].images[image].width = 640
                    one.points[point].images[image].height = 320
                }
            }
            var other = one
            (other.name, other.isPeer) = ("JPEG, old", true)
            let files = [try write(other, folder, "2.json"), try write(one, folder, "1.json")]
            for name in ["a", "b"] { try put(picture(0.5), "originals/\(name).png") }
            for codec in ["ours", "jpeg-old"] {
                for point in 0..<4 { try put(picture(0.2), "decoded/\(codec)/quality-\(point)/a.png") }
            }
            let out = folder.appendingPathComponent("out")
            let pictures = [folder.appendingPathComponent("decoded").path]
            let originals = folder.appendingPathComponent("originals").path
            let written = try ComparisonReport(files, title: "x", pictures: pictures, originals: originals).write(
                to: out.path)
            // Of image b nothing was kept.
            #expect(
                written.files.filter { $0.hasPrefix("pictures/") } == [
                    "pictures/crop-a-original.png", "pictures/crop-a-ours.png", "pictures/crop-a-jpeg-old.png",
                ])
            let crop = try Image(path: out.appendingPathComponent("pictures/crop-a-original.png").path)
            #expect(crop.width == 256 && crop.height == 256 && crop.samples.contains(1))
            #expect(throws: LloydError.self) { try ComparisonReport(files, title: "x", pictures: pictures) }
            #expect(throws: LloydError.self) {
                try ComparisonReport(files, title: "x", pictures: [originals], originals: originals).write(to: out.path)
            }
        }
    }

    @Test func manyCodecsDifferInTheirLines() throws {
        func curve(_ name: String) -> RateDistortionCurve { .init(name: name, rates: [0.1, 1], qualities: [25, 35]) }
        let kinds: [ComparedCodec.Kind] = [.own, .peer, .published]
        let codecs = kinds.flatMap { kind in
            (0..<15).map { ComparedCodec(name: "\(kind) \($0)", kind: kind, rates: "files", psnr: curve("")) }
        }
        let chart = try #require(CodecChart(codecs).chart())
        let named = chart.series.filter { !$0.name.isEmpty }
        #expect(named.count == 45)
        let looks = named.map { "\($0.color!.hex) \($0.dash!) \($0.width)" }
        #expect(Set(looks).count == 45)
        #expect(CodecChart(codecs).chart(.msSSIM) == nil)
    }
}
