import Datasets
import Foundation
import Messaging
import MethodKit
import Training

/// A whole NVTC run: a model for each lambda, each measured on the validation images.
///
///     let study = NVTCStudy(settings: settings, data: photos, validation: kodak, names: ("photos", "Kodak"))
///     let record = try study.run(RunContext(loop: loop, parts: FinishedParts()))      // nil if a signal stopped it
///
/// The first lambda is initialized progressively and trained in full; each further one starts from the model before. A
/// lambda's descent is kept in the loop's checkpoints; validations come between its steps.
public struct NVTCStudy {
    /// What is asked for.
    package let settings: NVTCSettings
    private let data: any ImageCollection
    private let validation: any ImageCollection
    private let names: (data: String, validation: String)

    /// - Parameters:
    ///   - data: images that models are trained on.
    ///   - validation: images that they are measured on.
    ///   - names: what the record calls both.
    package init(
        settings: NVTCSettings, data: any ImageCollection, validation: any ImageCollection,
        names: (data: String, validation: String)
    ) {
        self.settings = settings
        self.data = data
        self.validation = validation
        self.names = names
    }

    /// The file of a lambda's model within the run folder.
    static func modelFile(_ lambda: Double) -> String { "models/nvtc-\(compact(lambda)).safetensors" }
    /// Of the finished part.
    private static func id(_ lambda: Double) -> String { "nvtc-\(compact(lambda))" }

    /// Trains and measures every model that is not finished already.
    /// - Returns: the record if all are there; nil if a signal stopped the run.
    /// - Throws: `LloydError` for images that cannot be read, files that cannot be written, a loss that is not finite,
    ///   or a model that does not fit into the machine's memory.
    package func run(_ run: RunContext<FinishedParts<NVTCRecord.Point>>) throws -> NVTCRecord? {
        let loop = run.loop
        var points: [NVTCRecord.Point] = []
        let model = NVTCModel(withoutValues: settings.architecture)
        try MemoryBudget.require(
            bytes: MemoryBudget.product(16, model.parameters.count), key: "model.widths",
            what: "this model with its gradient and Adam's moments")
        model.parameters.initialize(seed: settings.seed)
        // Files are read before the coordinator may replace any of them.
        if let last = settings.lambdas.last(where: { run.parts.holds(Self.id($0)) }) {
            try NVTCModelFile.load(run.path + "/" + Self.modelFile(last), into: model)
        }
        try loop.communicator.barrier()
        let work = settings.lambdas.indices.map { Double(settings.steps(from: settings.start($0))) }
        let whole = max(1, work.reduce(0, +))
        var done = 0.0
        for (index, lambda) in settings.lambdas.enumerated() {
            let span = done...min(1, done + work[index] / whole)
            done = span.upperBound
            if let point = run.parts[Self.id(lambda)] {
                points.append(point)
                continue
            }
            loop.begin("lambda \(compact(lambda))", id: Self.id(lambda), spanning: span)
            let descent = NVTCDescent(
                model, settings, lambda: lambda, from: settings.start(index), images: data,
                threads: loop.reduction.team.threads)
            guard try train(descent, loop, lambda) == .finished else { return nil }
            descent.releaseMemory()
            guard let point = try measure(model, lambda, steps: descent.step, loop, pictures: settings.pictures) else {
                try loop.writeCheckpoint(of: descent, named: Self.descentName)
                return nil
            }
            points.append(point)
            try keep(point, model, run)
        }
        return NVTCRecord(
            title: settings.title, seed: Int(settings.seed), architecture: settings.architecture,
            parameters: model.parameters.learned, data: names.data, validation: names.validation,
            pictures: min(settings.pictures, validation.count), points: points.sorted { $0.lambda < $1.lambda },
            damaged: (data as? PhotoFolder).flatMap { $0.damaged.isEmpty ? nil : $0.damaged })
    }

    private static let descentName = "descent"

    private func train(_ descent: NVTCDescent, _ loop: TrainingLoop, _ lambda: Double) throws -> RunOutcome {
        let interval = settings.training.validationInterval
        // What follows needs the model alone.
        return try loop.run(
            descent, named: Self.descentName, shards: descent.microBatches, keepingEnd: false
        ) {
            // Due again in a resumed run: its row of metrics came after the checkpoint.
            guard interval > 0, descent.step > 0, descent.step % interval == 0 else { return .finished }
            descent.releaseMemory()
            guard
                let point = try measure(descent.model, lambda, steps: descent.step, loop, progress: descent.progress)
            else { return .stopped }
            try loop.record(row(point))
            descent.takeMemory()
            return .finished
        }
    }

    /// - Returns: nil if a signal stopped it.
    private func measure(
        _ model: NVTCModel, _ lambda: Double, steps: Int, _ loop: TrainingLoop, pictures: Int = 0, progress: Double = 1
    ) throws -> NVTCRecord.Point? {
        let validation = NVTCValidation(
            model, lambda: lambda, rateConstrained: settings.training.rateConstrained, images: self.validation,
            pictures: loop.isCoordinator ? pictures : 0)
        validation.progress = progress
        // Ranks without an image add zeros, which change no byte.
        _ = try loop.run(validation, shards: max(self.validation.count, loop.communicator.size))
        return validation.isFinished ? validation.point(steps: steps) : nil
    }

    /// Writes a finished model, then its point.
    private func keep(
        _ point: NVTCRecord.Point, _ model: NVTCModel, _ run: RunContext<FinishedParts<NVTCRecord.Point>>
    ) throws {
        let file = Artifact(path: Self.modelFile(point.lambda)) {
            try NVTCModelFile.write(
                model, lambda: point.lambda, steps: point.steps, isRateConstrained: settings.training.rateConstrained,
                to: $0)
        }
        try run.parts.finish(point, id: Self.id(point.lambda), files: [file], row: row(point), run.loop)
    }

    private func row(_ point: NVTCRecord.Point) -> MetricRow {
        var values: [String: MetricRow.Value] = [
            "kind": .text("validation"), "lambda": .real(point.lambda), "step": .integer(point.steps),
            "bits-per-pixel": .real(point.bitsPerPixel), "psnr": .real(point.psnr),
        ]
        for at in point.layers {
            func column(_ name: String) -> String { NVTCMetrics.column(name, stage: at.stage, layer: at.layer) }
            values[column("bits-per-pixel")] = .real(at.bitsPerPixel)
            values[column("alive")] = .real(Double(at.alive) / Double(at.codewords))
            values[column("perplexity")] = .real(at.perplexity)
        }
        return NVTCMetrics.row(
            settings.architecture, values,
            headline: String(format: "validation %.3f bpp, %.2f dB", point.bitsPerPixel, point.psnr))
    }
}
