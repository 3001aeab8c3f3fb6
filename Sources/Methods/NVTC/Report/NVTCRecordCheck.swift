import MethodKit
import Reporting

/// Whether a record holds together: what is read from a file is not trusted.
///
///     try NVTCRecordCheck(record, file: "runs/nvtc/record.json").run()
struct NVTCRecordCheck {
    private let record: NVTCRecord
    /// What errors call the record.
    private let file: String

    init(_ record: NVTCRecord, file: String) {
        self.record = record
        self.file = file
    }

    /// - Throws: `LloydError` that names the point or image at fault.
    func run() throws {
        guard record.architecture.isSound else { throw damaged("architecture", "has sizes that no model can have") }
        guard !record.points.isEmpty else { throw damaged("points", "the list is empty") }
        let layers = record.architecture.decodingOrder
        var seen: Set<Double> = []
        for (index, point) in record.points.enumerated() {
            let item = "points[\(index)]"
            guard point.lambda.isFinite, point.lambda > 0, seen.insert(point.lambda).inserted else {
                throw damaged(item, "its lambda, \(point.lambda), is not above zero, or appears twice")
            }
            guard point.steps >= 0, isRate(point.bitsPerPixel), point.psnr.isFinite else {
                throw damaged(item, "its steps, rate or PSNR is not a possible number")
            }
            guard point.layers.count == layers.count,
                zip(point.layers, layers).allSatisfy({ $0.stage == $1.stage && $0.layer == $1.layer })
            else { throw damaged(item, "its layers are not those of the architecture") }
            for layer in point.layers
            where !isRate(layer.bitsPerPixel) || !isRate(layer.perplexity) || layer.alive < 0
                || layer.codewords < max(1, layer.alive)
            {
                throw damaged(item, "the figures of layer \(layer.stage).\(layer.layer) are impossible")
            }
            guard !point.images.isEmpty else { throw damaged(item, "it was not measured on any image") }
            for image in point.images
            where image.layers.count != layers.count || !isRate(image.bitsPerPixel) || !image.psnr.isFinite {
                throw damaged(item, "the figures of image \(image.name) are impossible")
            }
            guard point.images.map(\.name) == record.points[0].images.map(\.name) else {
                throw damaged(item, "it was measured on other images than the first point")
            }
        }
        guard (0...record.points[0].images.count).contains(record.pictures ?? 0) else {
            throw damaged("pictures", "there are fewer images than that")
        }
    }

    private func isRate(_ value: Double) -> Bool { value.isFinite && value >= 0 }

    private func damaged(_ item: String, _ problem: String) -> LloydError {
        LloydError(
            at: file, item: item, problem: "the record is damaged: \(problem)",
            remedy: "Train the run again, or restore the file.")
    }
}
