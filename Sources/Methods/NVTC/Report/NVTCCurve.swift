import MethodKit
import Reporting

/// The rate-distortion curve of a codec's models, and what it is compared with.
///
///     let curve = NVTCCurve(name: "NVTC", points: record.points)
///     curve.rateDistortion.rates                              // bits per pixel, lowest first
///     curve.compressAI(description: "...")                    // as others publish theirs
struct NVTCCurve {
    let name: String
    /// Lowest rate first.
    let points: [NVTCRecord.Point]

    init(name: String, points: [NVTCRecord.Point]) {
        self.name = name
        self.points = points.sorted { ($0.bitsPerPixel, $0.psnr) < ($1.bitsPerPixel, $1.psnr) }
    }

    var rateDistortion: RateDistortionCurve {
        RateDistortionCurve(name: name, rates: points.map(\.bitsPerPixel), qualities: points.map(\.psnr))
    }

    func deltas(against published: PublishedCodecs) -> [CurveComparison] {
        published.curves.map { CurveComparison(rateDistortion, against: $0.rateDistortion, .codecs) }
    }

    // MARK: JSON

    private func numbers(_ value: (NVTCRecord.Point) -> Double) -> JSONValue {
        .array(points.map { .number(value($0)) })
    }

    /// An entry of "curves" in report.json, whose names are fixed for scripts.
    var json: JSONValue {
        [
            "method": "nvtc", "name": .string(name), "bpp": numbers(\.bitsPerPixel), "psnr-rgb": numbers(\.psnr),
            "lambda": numbers(\.lambda),
        ]
    }

    /// The form of CompressAI's benchmark.
    func compressAI(description: String) -> JSONValue {
        [
            "name": .string(name), "description": .string(description),
            "results": ["bpp": numbers(\.bitsPerPixel), "psnr-rgb": numbers(\.psnr), "lambda": numbers(\.lambda)],
        ]
    }

    /// Points with what each layer has of them.
    func pointsJSON(_ layers: NVTCLayers) throws -> JSONValue {
        .array(
            try points.map { point in
                [
                    "lambda": .number(point.lambda), "steps": .integer(Int64(point.steps)),
                    "bpp": .number(point.bitsPerPixel), "psnr-rgb": .number(point.psnr),
                    "layers": .array(
                        zip(zip(layers.all, point.layers), layers.shares(point)).map { pair, share in
                            [
                                "layer": .string(pair.0.name), "factor": .integer(Int64(pair.0.factor)),
                                "bpp": .number(pair.1.bitsPerPixel), "share": .number(share / 100),
                                "alive": .integer(Int64(pair.1.alive)),
                                "codewords": .integer(Int64(pair.1.codewords)),
                                "perplexity": .number(pair.1.perplexity),
                            ]
                        }), "images": try JSONValue(encoding: point.images),
                ]
            })
    }
}
