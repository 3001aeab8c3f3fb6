import Datasets
import Foundation
import MethodKit
import Training

@testable import NVTC
@testable import Reporting

/// Run folders of NVTC as a training would leave them, made from formulas.
enum SyntheticNVTCRun {
    /// The project's own published curves.
    static let publishedFile = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Configs/anchors/kodak.json").path

    /// Two stages: two layers at 1/8 and one at 1/4.
    static var architecture: NVTCArchitecture {
        func stage(_ factor: Int, _ layers: Int, _ codewords: Int) -> NVTCArchitecture.Stage {
            .init(
                factor: factor, layers: layers, width: 16, units: 1, block: 4, codewords: codewords, dimension: 4,
                priorParameters: 4, priorLevels: 8)
        }
        return NVTCArchitecture(stages: [stage(4, 1, 32), stage(2, 2, 64)])
    }

    /// The points of a curve: JPEG's first published rates that lie in order, with `gain` dB more; a tenth and three tenths
    /// of the bits are the first two layers'.
    static func points(_ curve: RateDistortionCurve, gain: Double, count: Int = 4) -> [NVTCRecord.Point] {
        (0..<count).map { index in
            let (rate, quality) = (curve.rates[3 * index], curve.qualities[3 * index] + gain)
            let bits = [0.1, 0.3, 0.6].map { $0 * rate }
            return NVTCRecord.Point(
                lambda: 64 * exp2(Double(index)), steps: index == 1 ? 1000 : 400, bitsPerPixel: rate, psnr: quality,
                layers: [(1, 1, 64), (1, 0, 64), (0, 0, 32)].enumerated().map { index, layer in
                    .init(
                        stage: layer.0, layer: layer.1, bitsPerPixel: bits[index], alive: 200, codewords: 16 * layer.2,
                        perplexity: 12.5)
                },
                images: [-1.0, 1].map {
                    .init(
                        name: "folder/image\($0 > 0 ? 2 : 1).png", bitsPerPixel: rate + 0.01 * $0, psnr: quality + $0,
                        layers: bits)
                })
        }
    }

    static func record(title: String = "Synthetic codec", gain: Double = 1, count: Int = 4) throws -> NVTCRecord {
        let jpeg = try PublishedCodecs(path: publishedFile).curves.first { $0.name == "JPEG" }!
        return NVTCRecord(
            title: title, seed: 1, architecture: architecture, parameters: 12_345, data: "10 images of photos",
            validation: "2 images of kodak", pictures: nil,
            points: points(jpeg.rateDistortion, gain: gain, count: count))
    }

    /// Lambda 128 first, in two stages of initialization, then the others.
    static func metrics(_ record: NVTCRecord) -> String {
        let layers = ["1.1", "1.0", "0.0"]
        var text =
            "kind,lambda,step,stages,rates,learning-rate,gradient-norm,loss,bits-per-pixel,mean-squared-error,psnr,"
            + "quantizer-distance,revived"
        text += layers.map { ",bits-per-pixel.\($0),alive.\($0),perplexity.\($0)" }.joined() + "\n"
        let order = record.points.filter { $0.lambda == 128 } + record.points.filter { $0.lambda != 128 }
        for (index, point) in order.enumerated() {
            for step in stride(from: 50, through: point.steps, by: 50) {
                let stages = index == 0 && step <= 100 ? 1 : 2
                let rates = index == 0 && step <= 200 ? 0 : 1
                text +=
                    "train,\(point.lambda),\(step),\(stages),\(rates),0.001,1.5,\(2 + 50 / Double(step)),0.5,0.01,20,"
                text += "0.002,3"
                for layer in layers { text += layer == "0.0" && stages == 1 ? ",0.0,0.0,0.0" : ",0.1,0.5,9.5" }
                text += "\n"
            }
            text += "validation,\(point.lambda),\(point.steps),,,,,,\(point.bitsPerPixel),,\(point.psnr),,"
            text += ",0.1,0.5,9.5,0.1,0.5,9.5,0.1,0.5,9.5\n"
        }
        return text
    }

    /// Writes the folder of a finished run.
    static func write(
        _ record: NVTCRecord, to folder: URL, metrics text: String? = nil, anchors: PublishedCodecs? = nil
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ data: Data, _ name: String) throws {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: file)
        }
        try write(JSONEncoder().encode(record), NVTCRecord.fileName)
        try write(Data((text ?? metrics(record)).utf8), RunMetrics.fileName)
        try write(
            Data("method: nvtc\ntitle: \"\(record.title)\"\ndata:\n  crop: 64\ntraining:\n  batch: 2\n".utf8),
            "config.yaml")
        let accounting = """
            {"ranks": 2, "threads": 1, "seconds": 61.5, "peakMegabytes": 120, "reducedMegabytes": 8, "rows": [
            {"phase": "training step", "activity": "map shards", "steps": 200, "minimum": 20, "mean": 21, "maximum": 22}]}
            """
        try write(Data(accounting.utf8), RunAccounting.fileName)
        if let anchors { try write(Data(anchors.json.prettyText.utf8), RunContents.anchorsFile) }
        let grey = Image(width: 4, height: 4, channels: 1, samples: Array(repeating: 0.5, count: 16)).pngData()
        for image in 0..<(record.pictures ?? 0) {
            try write(grey, NVTCPictures.original(image))
            for point in record.points {
                try write(grey, NVTCPictures.reconstruction(image, lambda: point.lambda))
            }
        }
    }
}
