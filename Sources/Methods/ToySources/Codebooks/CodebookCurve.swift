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
    /// - Returns: false when a signal stopped the training.
    func run(_ loop: TrainingLoop, store: PointStore, spanning range: ClosedRange<Double>) throws -> Bool {
        let codebooks = CodebookTraining(settings: settings, source: source, shards: shards)
        let constrained = method == .ecvq
        let count = constrained ? settings.ecvq.lambdas.count : settings.vq.codewords.count
        for place in 0..<count {
            let lambda = constrained ? settings.ecvq.lambdas[place] : nil
            let codewords = constrained ? nil : settings.vq.codewords[place]
            let name = PointStore.name(method, lambda: lambda, codewords: codewords)
            if store.holds(name) { continue }
            let length = (range.upperBound - range.lowerBound) / Double(count)
            let first = range.lowerBound + Double(place) * length
            let what = lambda.map { "lambda \(compact($0))" } ?? "\(codewords!) codewords"
            loop.begin("\(method.title), \(what)", spanning: first...first + length)
            let trained =
                if let lambda {
                    try codebooks.entropyConstrained(lambda: lambda, loop)
                } else {
                    try codebooks.unconstrained(codewords: codewords!, loop)
                }
            guard let trained, let measured = try measure(trained.codebook, loop) else { return false }
            let point = ToyRecord.Point(
                method: method, lambda: lambda, codewords: codewords ?? settings.ecvq.codewords,
                alive: trained.codebook.count, bitsPerDimension: measured.bitsPerDimension,
                meanSquaredError: measured.meanSquaredError, trainingSamples: trained.samples,
                trainingSteps: trained.passes)
            let pictured = lambda.map { settings.isPictured($0, among: settings.ecvq.lambdas) } ?? false
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
