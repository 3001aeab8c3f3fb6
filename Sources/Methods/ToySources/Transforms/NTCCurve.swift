import Datasets
import Foundation
import Neural
import Numerics
import Training

/// The rate-distortion curve of NTC on one source: one model, trained for one lambda after the other.
///
/// The first model learns the shape of the source at a coarse lambda; from there lambda rises, each model starting from
/// the one before, and then falls from the first again. After noise has trained everything, the decoder's side alone is
/// trained on latents that are really rounded; then the cells' centers that are best on training samples are kept.
struct NTCCurve {
    let settings: ToySettings
    let source: ToySource
    let shards: Int

    /// Lambdas in the order of training, with the one that each starts from.
    static func order(_ lambdas: [Double], first wanted: Double) -> [(lambda: Double, start: Double?)] {
        let sorted = Set(lambdas).sorted()
        guard let first = sorted.min(by: { abs(log($0 / wanted)) < abs(log($1 / wanted)) }) else { return [] }
        let rising = sorted.filter { $0 > first }
        let falling = sorted.filter { $0 < first }.reversed()
        return [(first, nil)]
            + zip(rising, [first] + rising).map { ($0, $1) } + zip(falling, [first] + falling).map { ($0, $1) }
    }

    /// Trains and measures all points that `store` does not hold already.
    /// - Returns: false if a signal stopped the training.
    func run(_ loop: TrainingLoop, store: PointStore, spanning range: ClosedRange<Double>) throws -> Bool {
        let work = NTCWork(settings: settings, source: source, shards: shards, threads: loop.reduction.team.threads)
        let points = Self.order(settings.ntcLambdas, first: settings.transform.firstLambda)
        let weights = points.map { $0.start == nil ? settings.transform.steps : settings.transform.warmSteps }
        let whole = Double(weights.reduce(0, +))
        var done = 0.0
        for (point, weight) in zip(points, weights) {
            let share = { (steps: Double) in
                range.lowerBound + (range.upperBound - range.lowerBound) * steps / whole
            }
            let name = PointStore.name(.ntc, lambda: point.lambda)
            let span = share(done)...share(done + Double(weight))
            done += Double(weight)
            if store.holds(name) { continue }
            loop.begin("NTC, lambda \(compact(point.lambda))", spanning: span)
            if let start = point.start {
                try store.loadModel(PointStore.name(.ntc, lambda: start), into: work.model.parameters)
            } else {
                guard try work.findStart(lambda: point.lambda, loop) else { return false }
            }
            guard let result = try work.train(lambda: point.lambda, steps: weight, loop) else { return false }
            try store.add(result.point, name: name, partition: result.partition, model: result.model, loop)
        }
        return true
    }
}

/// The model and replicas that all points of an NTC curve share.
final class NTCWork {
    let model: NTCModel
    private let settings: ToySettings
    private let source: ToySource
    private let shards: Int
    private let replicas: [NTCReplica]
    private let decoderReplicas: [NTCReplica]
    /// Steps spent on finding a start, until a point counts them.
    private var searched = 0

    struct Trained {
        var point: ToyRecord.Point
        var partition: ToyPartition?
        /// Tensors of the finished model, and of its state before rounding under `start.`, for the next lambda.
        var model: [String: Tensor]
    }

    init(settings: ToySettings, source: ToySource, shards: Int, threads: Int) {
        self.settings = settings
        self.source = source
        self.shards = shards
        let transform = settings.transform
        let model = Self.makeModel(settings, source, seed: settings.seed)
        self.model = model
        let samples = ToySamples(source, seed: settings.seed, set: .train)
        func replica(_ trainsAnalysis: Bool) -> NTCReplica {
            NTCReplica(
                model, rows: transform.microBatch, batch: transform.batch, samples: samples, seed: settings.seed,
                trainsAnalysis: trainsAnalysis)
        }
        replicas = (0..<threads).map { _ in replica(true) }
        decoderReplicas = (0..<threads).map { _ in replica(false) }
    }

    private static func makeModel(_ settings: ToySettings, _ source: ToySource, seed: UInt64) -> NTCModel {
        let transform = settings.transform
        return NTCModel(
            dimension: source.dimension,
            size: .init(
                width: transform.width, blocks: transform.blocks, residualGain: Float(transform.residualGain)),
            densityScale: scale(of: source, seed: settings.seed),
            densityRateFactor: Float(transform.densityRateFactor), seed: seed)
    }

    /// The root mean square of the source's components.
    private static func scale(of source: ToySource, seed: UInt64) -> Double {
        let samples = Matrix(rows: 4096, columns: source.dimension)
        ToySamples(source, seed: seed, set: .train).fill(items: 0..<samples.rows, into: samples.pointer)
        return (sumOfSquares(samples.pointer, count: samples.count) / Double(samples.count)).squareRoot()
    }

    /// Trains several models briefly, each from weights of its own, and leaves the best in `model`: at low rates training
    /// ends in one of several arrangements of cells, and does not leave it at higher rates.
    /// - Returns: false if a signal stopped the training.
    func findStart(lambda: Double, _ loop: TrainingLoop) throws -> Bool {
        let transform = settings.transform
        guard transform.starts > 1 else { return true }
        for replica in replicas { replica.setObjective(lambda: lambda) }
        var best: (objective: Double, values: AlignedBuffer<Float>)?
        for start in 0..<transform.starts {
            let candidate = NTCWork.makeModel(settings, source, seed: settings.seed &+ UInt64(start))
            model.parameters.restore(candidate.parameters.values)
            guard
                try descend(
                    replicas, steps: transform.startSteps, peak: transform.learningRate, lambda, loop, phase: "start"),
                let result = try bestOffsets(loop)
            else { return false }
            let objective = result.bitsPerDimension + lambda * result.meanSquaredError
            if best.map({ objective < $0.objective }) ?? true { best = (objective, model.parameters.snapshot()) }
        }
        if let best { model.parameters.restore(best.values) }
        searched = transform.starts * transform.startSteps
        return true
    }

    /// Trains the model further, and measures it.
    /// - Returns: nil if a signal stopped the training.
    func train(lambda: Double, steps: Int, _ loop: TrainingLoop) throws -> Trained? {
        let transform = settings.transform
        for replica in replicas + decoderReplicas { replica.setObjective(lambda: lambda) }
        guard try descend(replicas, steps: steps, peak: transform.learningRate, lambda, loop, phase: "noise")
        else { return nil }
        let start = model.parameters.tensors(prefix: PointStore.startPrefix)

        guard var offsets = try bestOffsets(loop)?.offsets else { return nil }
        let polishing = Int((Double(steps) * transform.roundingShare).rounded())
        if polishing > 0 {
            for replica in decoderReplicas {
                replica.quantization.mode = .rounding
                replica.quantization.offsets = offsets.map { $0 * replica.quantization.step }
            }
            let rate = transform.learningRate * transform.roundingRate
            guard try descend(decoderReplicas, steps: polishing, peak: rate, lambda, loop, phase: "rounding")
            else { return nil }
            guard let again = try bestOffsets(loop) else { return nil }
            offsets = again.offsets
        }

        let test = NTCMeasurement(
            phase: "measure", replicas: replicas, samples: ToySamples(source, seed: settings.seed, set: .test),
            count: settings.testSamples, shards: shards, offsets: [offsets], countsCells: true)
        guard try loop.run(test) == .finished else { return nil }
        let result = test.results[0]
        let alive = test.counts.isEmpty ? nil : test.counts.count { $0 > 0 }
        let point = ToyRecord.Point(
            method: .ntc, lambda: lambda, alive: alive, bitsPerDimension: result.bitsPerDimension,
            meanSquaredError: result.meanSquaredError,
            trainingSamples: (searched + steps + polishing) * transform.batch,
            trainingSteps: searched + steps + polishing)
        searched = 0
        var tensors = model.parameters.tensors()
        tensors.merge(start) { $1 }
        tensors["offsets"] = Tensor(offsets)
        return Trained(
            point: point, partition: loop.isCoordinator ? partition(lambda, offsets, test.counts) : nil, model: tensors)
    }

    private func descend(
        _ replicas: [NTCReplica], steps: Int, peak: Double, _ lambda: Double, _ loop: TrainingLoop,
        phase: String
    ) throws -> Bool {
        let transform = settings.transform
        var descent = GradientDescent.Settings(
            steps: steps, microBatches: transform.batch / transform.microBatch,
            schedule: LearningRateSchedule(peak: peak, warmUp: min(100, steps / 10), shape: .cosine(floor: 0)))
        descent.adam.beta2 = 0.99
        descent.clipping = transform.clipping
        descent.interval = max(1, min(500, steps))
        let training = GradientDescent(parameters: model.parameters, settings: descent, replicas: replicas)
        let numbers = Double(transform.batch * source.dimension)
        let metrics = ToyMetrics(method: .ntc, lambda: lambda)
        training.makeRow = { metrics.row($0, phase: phase, rate: $1, numbers: numbers, hasRate: true) }
        return try loop.run(training, shards: descent.microBatches) == .finished
    }

    /// The centers of cells, in cells, that are best on training samples, and what they give there.
    private func bestOffsets(_ loop: TrainingLoop) throws -> NTCMeasurement.Result? {
        let quarters: [Float] = [0, 0.25, 0.5, 0.75]
        let dimension = source.dimension
        let candidates =
            dimension == 2
            ? quarters.flatMap { first in quarters.map { [first, $0] } }
            : quarters.map { Array(repeating: $0, count: dimension) }
        let measurement = NTCMeasurement(
            phase: "place cells", replicas: replicas,
            samples: ToySamples(source, seed: settings.seed, set: .train, step: 1), count: 1 << 14, shards: shards,
            offsets: candidates)
        guard try loop.run(measurement) == .finished else { return nil }
        let lambda = replicas[0].distortion.weight / replicas[0].bits.weight
        return measurement.results.min {
            $0.bitsPerDimension + lambda * $0.meanSquaredError < $1.bitsPerDimension + lambda * $1.meanSquaredError
        }
    }

    // MARK: Picture

    private func partition(_ lambda: Double, _ offsets: [Float], _ counts: [Double]) -> ToyPartition? {
        guard settings.isPictured(lambda, among: settings.ntcLambdas), source.dimension == 2 else { return nil }
        let plane = ToyPlane(source, seed: settings.seed)
        let replica = replicas[0]
        replica.quantization.mode = .rounding
        replica.quantization.offsets = offsets.map { $0 * replica.quantization.step }
        defer { replica.quantization.mode = .noise }
        let total = counts.reduce(0, +)
        var numbers: [Int: Int32] = [:]
        var codewords: [ToyPartition.Codeword] = []
        var cells = [Int32](repeating: 0, count: plane.points.rows)
        for first in stride(from: 0, to: plane.points.rows, by: replica.rows) {
            let rows = min(replica.rows, plane.points.rows - first)
            replica.input.data.update(from: plane.points.pointer + 2 * first, count: 2 * rows)
            replica.tape.forward()
            for row in 0..<rows {
                let cell = NTCMeasurement.countIndex(replica.cell(row: row))
                if let known = numbers[cell] {
                    cells[first + row] = known
                } else {
                    cells[first + row] = Int32(codewords.count)
                    numbers[cell] = Int32(codewords.count)
                    codewords.append(
                        .init(
                            x: replica.reconstruction.data[2 * row], y: replica.reconstruction.data[2 * row + 1],
                            probability: Float(counts[cell] / max(total, 1))))
                }
            }
        }
        return plane.partition(cells: cells, codewords: codewords)
    }
}
