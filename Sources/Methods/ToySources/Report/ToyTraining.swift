import MethodKit
import Reporting

/// How long the points of a run trained, in words, beside the published settings.
///
///     ToyTraining(record: record).sentences
///     // ["NTC: 800 to 8,000 gradient steps and 819,200 to 8,192,000 training samples a point. ...", ...]
struct ToyTraining {
    let record: ToyRecord

    /// What the authors' published training configuration asks for, for every point of every method.
    static let publishedSteps = 300_000
    static let publishedBatch = 1024
    static var publishedSamples: Int { publishedSteps * publishedBatch }

    /// One sentence or two for each method.
    var sentences: [String] {
        var sentences = ToyCurves.order.compactMap { method -> String? in
            let points = record.curve(of: method)
            guard !points.isEmpty else { return nil }
            let gradient = method == .ntc || method == .ntvq || method == .ntecvq
            let samples = points.map(\.trainingSamples)
            let most = samples.max() ?? 0
            let text =
                "\(method.title): \(Self.range(points.map(\.trainingSteps))) "
                + "\(gradient ? "gradient steps" : "passes") and "
                + "\(Self.range(samples)) training samples a point."
            guard gradient, most < Self.publishedSamples else { return text }
            let percent = NumberText.short(100 * Double(most) / Double(Self.publishedSamples), significant: 2)
            return text + " Every point but the first starts from its neighbor; all of them together took "
                + "\(Self.number(samples.reduce(0, +))) samples. Training was cut short: a point has at most \(percent) % of a "
                + "published point's samples, and what longer training would still gain is missing here."
        }
        sentences.append(
            "The published points were trained for \(Self.number(Self.publishedSteps)) gradient steps of "
                + "\(Self.number(Self.publishedBatch)) samples each, \(Self.number(Self.publishedSamples)) samples "
                + "in all; this holds for their VQ and ECVQ as well, whose codebooks are here found by passes over samples."
        )
        return sentences
    }

    private static func number(_ value: Int) -> String { NumberText.fixed(Double(value), decimals: 0) }

    private static func range(_ values: [Int]) -> String {
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        return least == most ? number(least) : "\(number(least)) to \(number(most))"
    }
}
