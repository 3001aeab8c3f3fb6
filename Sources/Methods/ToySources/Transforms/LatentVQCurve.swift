import Datasets
import Foundation
import Neural
import Numerics
import Quantization
import Training

/// The curves of NT-VQ and NT-ECVQ on one source: for each point a codebook trained on the source, then transforms and
/// codebook trained together from there.
struct LatentVQCurve {
    let settings: ToySettings
    let source: ToySource
    let shards: Int
    let method: ToyMethod

    private var targets: [CodebookTarget] {
        method == .ntecvq
            ? settings.ntecvqLambdas.map { .lambda($0) } : settings.ntvqCodewords.map { .codewords($0) }
    }

    /// Trains and measures all points that `store` does not hold already.
    /// - Returns: false if a signal stopped the training.
    func run(_ loop: TrainingLoop, store: PointStore, spanning range: ClosedRange<Double>) throws -> Bool {
        let length = (range.upperBound - range.lowerBound) / Double(targets.count)
        let codebooks = CodebookTraining(settings: settings, source: source, shards: shards)
        for (index, target) in targets.enumerated() {
            let name = target.name(method)
            if store.holds(name) { continue }
            let first = range.lowerBound + Double(index) * length
            let title = "\(method.title), \(target)"
            loop.begin(title + ", codebook", spanning: first...first + 0.1 * length)
            guard let start = try codebooks.train(target, loop) else { return false }
            loop.begin(title, spanning: first + 0.1 * length...first + length)
            guard let result = try train(from: start.codebook, target, loop) else { return false }
            try store.add(result.point, name: name, partition: result.partition, model: result.model, loop)
        }
        return true
    }

    private struct Trained {
        var point: ToyRecord.Point
        var partition: ToyPartition?
        var model: [String: Tensor]
    }

    private func train(
        from start: EntropyConstrainedCodebook, _ target: CodebookTarget, _ loop: TrainingLoop
    ) throws -> Trained? {
        let transform = settings.transform
        let steps = transform.codebookSteps
        let model = LatentVQModel(
            dimension: source.dimension, size: .init(width: transform.width, blocks: transform.blocks, residualGain: 0),
            codebook: start.codewords, lengths: target.lambda == nil ? nil : start.codeLengths,
            rateFactor: 1, seed: settings.seed)
        let samples = ToySamples(source, seed: settings.seed, set: .train, step: 2)
        let replicas = (0..<loop.reduction.team.threads).map { _ in
            LatentVQReplica(model, rows: transform.microBatch, batch: transform.batch, samples: samples)
        }
        for replica in replicas { replica.setObjective(lambda: target.lambda) }
        var descent = GradientDescent.Settings(
            steps: steps, microBatches: transform.batch / transform.microBatch,
            schedule: LearningRateSchedule(
                peak: transform.codebookRate, warmUp: min(100, steps / 10), shape: .cosine(floor: 0)))
        descent.clipping = transform.clipping
        descent.interval = max(1, min(500, steps))
        let training = GradientDescent(parameters: model.parameters, settings: descent, replicas: replicas)
        let numbers = Double(transform.batch * source.dimension)
        let metrics = ToyMetrics(method: method, lambda: target.lambda, codewords: target.codewords)
        training.makeRow = {
            metrics.row($0, phase: "joint", rate: $1, numbers: numbers, hasRate: target.lambda != nil)
        }
        guard try loop.run(training, shards: descent.microBatches) == .finished else { return nil }

        // The probabilities that the code uses are counted on training samples, as those of VQ and ECVQ are.
        let count = start.count
        let counting = LatentVQMeasurement(
            replicas: replicas, samples: ToySamples(source, seed: settings.seed, set: .train, step: 3),
            count: settings.testSamples, shards: shards, codewords: count)
        guard try loop.run(counting) == .finished else { return nil }
        let test = LatentVQMeasurement(
            replicas: replicas, samples: ToySamples(source, seed: settings.seed, set: .test),
            count: settings.testSamples, shards: shards, codewords: count)
        guard try loop.run(test) == .finished else { return nil }
        // Half a count more for each codeword, so that whatever a test sample takes can be coded.
        let total = counting.counts.reduce(0) { $0 + $1 + 0.5 }
        let probabilities = counting.counts.map { ($0 + 0.5) / total }
        let bits = zip(test.counts, probabilities).reduce(0) { $0 - $1.0 * log2($1.1) }
        let point = ToyRecord.Point(
            method: method, lambda: target.lambda, codewords: target.codewords ?? count,
            alive: test.counts.count { $0 > 0 },
            bitsPerDimension: bits / Double(settings.testSamples * source.dimension),
            meanSquaredError: test.meanSquaredError, trainingSamples: steps * transform.batch, trainingSteps: steps)
        let pictured =
            target.lambda.map { settings.isPictured($0, among: settings.ntecvqLambdas) } ?? false
            && loop.isCoordinator
        return Trained(
            point: point, partition: pictured ? partition(replicas[0], probabilities, model) : nil,
            model: model.parameters.tensors())
    }

    private func partition(
        _ replica: LatentVQReplica, _ probabilities: [Double], _ model: LatentVQModel
    ) -> ToyPartition {
        let plane = ToyPlane(source, seed: settings.seed)
        var cells = [Int32](repeating: 0, count: plane.points.rows)
        var codewords = probabilities.map { _ in ToyPartition.Codeword(x: 0, y: 0, probability: 0) }
        for first in stride(from: 0, to: plane.points.rows, by: replica.rows) {
            let rows = min(replica.rows, plane.points.rows - first)
            replica.input.data.update(from: plane.points.pointer + 2 * first, count: 2 * rows)
            replica.tape.forward()
            for row in 0..<rows {
                let index = Int(replica.quantizer.indices[row])
                cells[first + row] = Int32(index)
                codewords[index] = .init(
                    x: replica.reconstruction.data[2 * row], y: replica.reconstruction.data[2 * row + 1],
                    probability: Float(probabilities[index]))
            }
        }
        return plane.partition(cells: cells, codewords: codewords)
    }
}
