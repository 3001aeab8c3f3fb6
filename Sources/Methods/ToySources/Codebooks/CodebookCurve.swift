import Datasets
import Foundation
import Numerics
import Quantization
import Training

/// The curves of VQ and ECVQ on one source: a codebook for each number of codewords, or for each lambda.
struct CodebookCurve {
    let settings: ToySettings
    let source: ToySource
    let shards: Int
    let method: ToyMethod

    /// Trains and measures all points that `store` does not hold already.
    /// - Returns: false if a signal stopped the training.
    func run(_ loop: TrainingLoop, store: PointStore, spanning range: ClosedRange<Double>) throws -> Bool {
        let codebooks = CodebookTraining(settings: settings, source: source, shards: shards)
        let targets: [CodebookTarget] =
            method == .ecvq ? settings.ecvq.lambdas.map { .lambda($0) } : settings.vq.codewords.map { .codewords($0) }
        for (index, target) in targets.enumerated() {
            let name = target.name(method)
            if store.holds(name) { continue }
            let length = (range.upperBound - range.lowerBound) / Double(targets.count)
            let first = range.lowerBound + Double(index) * length
            loop.begin("\(method.title), \(target)", spanning: first...first + length)
            guard let trained = try codebooks.train(target, loop),
                let measured = try measure(trained.codebook, loop)
            else { return false }
            let point = ToyRecord.Point(
                method: method, lambda: target.lambda, codewords: target.codewords ?? settings.ecvq.codewords,
                alive: trained.codebook.count, bitsPerDimension: measured.bitsPerDimension,
                meanSquaredError: measured.meanSquaredError, trainingSamples: trained.samples,
                trainingSteps: trained.passes)
            let pictured = target.lambda.map { settings.isPictured($0, among: settings.ecvq.lambdas) } ?? false
            try store.add(
                point, name: name,
                partition: pictured && loop.isCoordinator ? partition(trained.codebook) : nil,
                model: [
                    "codewords": Tensor(trained.codebook.codewords),
                    "probabilities": Tensor(trained.codebook.probabilities),
                ], loop)
        }
        return true
    }

    private func measure(
        _ codebook: EntropyConstrainedCodebook, _ loop: TrainingLoop
    ) throws -> CodebookMeasurement? {
        let measurement = CodebookMeasurement(
            codebook, draws: ToySamples(source, seed: settings.seed, set: .test), count: settings.testSamples,
            shards: shards, threads: loop.reduction.team.threads)
        return try loop.run(measurement) == .finished ? measurement : nil
    }

    private func partition(_ codebook: EntropyConstrainedCodebook) -> ToyPartition {
        let plane = ToyPlane(source, seed: settings.seed)
        var cells = [Int32](repeating: 0, count: plane.points.rows)
        let encoder = codebook.makeEncoder(threads: 1)
        cells.withUnsafeMutableBufferPointer {
            encoder.assign(
                plane.points.pointer, count: plane.points.rows, indices: $0.baseAddress!, squaredDistances: nil)
        }
        let codewords = (0..<codebook.count).map {
            ToyPartition.Codeword(
                x: codebook.codewords[$0, 0], y: codebook.codewords[$0, 1],
                probability: Float(codebook.probabilities[$0]))
        }
        return plane.partition(cells: cells, codewords: codewords)
    }
}
