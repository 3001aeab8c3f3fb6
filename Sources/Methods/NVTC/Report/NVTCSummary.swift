import Foundation
import MethodKit
import Reporting

/// What an NVTC run is, in words: data, model, and how long it trained beside the paper's training.
///
///     let summary = NVTCSummary(run: run, record: record, training: training)
///     summary.sentences                                       // ["λ = 512: 20,000 steps, from new weights; ...", ...]
struct NVTCSummary {
    let run: RunContents
    let record: NVTCRecord
    let training: NVTCTraining
    private let config: ResolvedConfig

    init(run: RunContents, record: NVTCRecord, training: NVTCTraining) {
        self.run = run
        self.record = record
        self.training = training
        config = run.config
    }

    /// What the authors' schedule asks for, for every model.
    static let paperSteps = 2_000_000
    static let paperBatch = 8
    static let paperCrop = 256

    static let rate =
        "The rate is what the entropy model charges, −log2 of the probability of every index: the first layer's "
        + "unconditional, those of all others given what is decoded before them. `lloyd evaluate` codes real files, which "
        + "are slightly larger. PSNR is of 8-bit RGB, in dB for each image, then averaged."

    static let marks =
        "Vertical lines: the steps of the initialization from which that many stages are quantized, coarsest first, and "
        + "the step from which rates and the conditional entropy model are on."

    private var batch: Int? { config[NVTCMethod.own.batch] }
    private var crop: Int? { config[NVTCMethod.own.crop] }

    private static func number(_ value: Int) -> String { NumberText.fixed(Double(value), decimals: 0) }

    /// For other programs: what the curve is of.
    var description: String {
        "Lloyd, NVTC: \(record.data); measured on \(record.validation); rates are those of the entropy model."
    }

    var lines: [(key: String, value: String)] {
        let stages = record.architecture.stages
        let sizes = stages.reversed().map { stage in
            "\(stage.layers) layer\(stage.layers == 1 ? "" : "s") of width \(stage.width) with "
                + "\(stage.codewords) codewords of \(stage.dimension)"
        }
        var lines: [(key: String, value: String)] = [
            ("Trained on", record.data),
            ("Measured on", record.validation),
            (
                "Model",
                "\(Self.number(record.parameters)) parameters; stages from the coarsest: "
                    + sizes.joined(separator: "; ") + " components"
            ),
            (
                "Units",
                record.architecture.transform == .vector
                    ? "vector transforms" : "convolutional residual blocks in place of vector transforms (Table 4, A1)"
            ),
        ]
        if let kind = config[NVTCMethod.own.kind] {
            lines.append(
                ("Codebooks start", kind == .random ? "at random (Table 4, A3)" : "progressively, stage by stage"))
        }
        if let constrained = config[NVTCMethod.own.rateConstrained] {
            lines.append(
                (
                    "Codewords are chosen",
                    !constrained
                        ? "by distance alone: unconstrained VQ (Table 4, A2)" : "by distance and rate: ECVQ"
                ))
        }
        if let batch, let crop {
            lines.append(("A step", "\(batch) crop\(batch == 1 ? "" : "s") of \(crop) × \(crop) pixels"))
        }
        let cost = run.accounting
        lines.append(
            (
                "Time",
                "\(Self.duration(cost.seconds)) on \(cost.ranks) rank\(cost.ranks == 1 ? "" : "s") of \(cost.threads) "
                    + "thread\(cost.threads == 1 ? "" : "s")"
            ))
        return lines
    }

    private static func duration(_ seconds: Double) -> String {
        seconds < 600
            ? "\(NumberText.fixed(seconds, decimals: 0)) s"
            : seconds < 7200
                ? "\(NumberText.fixed(seconds / 60, decimals: 0)) minutes"
                : "\(NumberText.fixed(seconds / 3600, decimals: 1)) hours"
    }

    /// How long each lambda trained, and what that is of the paper's training.
    var sentences: [String] {
        // In the order of training, which metrics have and the record has not.
        let order = training.stretches.compactMap { stretch in record.points.first { $0.lambda == stretch.lambda } }
        let points = order.count == record.points.count ? order : record.points
        let parts = points.enumerated().map { index, point in
            "\(NVTCLayers.title(lambda: point.lambda)), \(Self.number(point.steps)) steps"
                + (index == 0 ? " from new weights" : index == 1 ? " from the model before" : "")
        }
        var sentences = ["Trained one after the other: \(parts.joined(separator: "; "))."]
        if points.count == 1 { sentences = ["Trained: \(parts[0])."] }
        if let batch, let crop, let most = points.map(\.steps).max() {
            let paper = Double(Self.paperSteps * Self.paperBatch) * Double(Self.paperCrop * Self.paperCrop)
            let percent = 100 * Double(most) * Double(batch) * Double(crop * crop) / paper
            sentences[0] +=
                " The paper trains each model for \(Self.number(Self.paperSteps)) steps of \(Self.paperBatch) crops of "
                + "\(Self.paperCrop) × \(Self.paperCrop)"
            sentences[0] +=
                percent < 100
                ? "; the longest training here has \(NumberText.short(percent, significant: 2)) % of its pixels, so "
                    + "the curve is not what the full training would reach." : "."
        }
        return sentences
    }
}
