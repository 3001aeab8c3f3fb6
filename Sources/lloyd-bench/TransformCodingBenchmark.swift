import ArgumentParser
import Datasets
import Foundation
import Messaging
import Neural
import Numerics
import ToySources
import Training

struct TransformCodingBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ntc",
        abstract: "Training steps of nonlinear transform coding on a toy source against the same network in PyTorch.",
        discussion: """
            Both run on one thread and take turns. A ratio is the peer's time over Lloyd's for each pair of neighboring
            runs: median (minimum-maximum). Times are the processor's. The floor is the matrix products' operations, 6 a
            weight and sample, at the rate of a large matrix product on this core. Lloyd draws its samples and noise inside
            the steps; the peer draws its samples beforehand. The peer needs: python3 -m pip install torch
            """)

    struct Result: Codable {
        var processor: String
        var peakGFLOPs: Double
        var dimension: Int
        var width: Int
        var batch: Int
        var microBatch: Int
        var floorSeconds: Double
        var seconds: Timings
        var peer: Timings
        var ratio: Timings
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "The Python interpreter that has PyTorch, or 'none'.") var peers = "python3"
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 9
    @Option(help: "Steps of a repetition.") var steps = 40
    @Option(help: "Components of a sample (normaliid).") var dimension = 2
    @Option(help: "Hidden width of the transforms.") var width = 192
    @Option(help: "Samples of a step.") var batch = 256
    @Option(help: "Samples of a micro-batch.") var microBatch = 64

    func validate() throws {
        guard repetitions >= 1, steps >= 1, dimension >= 1, width >= 1, microBatch >= 1, batch % microBatch == 0 else {
            throw ValidationError("sizes must be positive, and the micro-batch must divide the batch")
        }
    }

    func run() throws {
        let peak = measuredPeak()
        let source = try ToySource(.normaliid, dimension: dimension)
        let model = NTCModel(
            dimension: dimension, size: .init(width: width, blocks: 3), densityScale: 1, densityRateFactor: 20, seed: 1)
        let replica = NTCReplica(
            model, rows: microBatch, batch: batch, samples: ToySamples(source, seed: 1, set: .train), seed: 1)
        replica.setObjective(lambda: 64)
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        loop.stopRequested = { false }
        var settings = GradientDescent.Settings(
            steps: steps, microBatches: batch / microBatch, schedule: LearningRateSchedule(peak: 1e-4))
        settings.clipping = 1
        func train() throws {
            let descent = GradientDescent(parameters: model.parameters, settings: settings, replicas: [replica])
            _ = try loop.run(descent, shards: settings.microBatches)
        }
        let peer = try PeerProcess.torch(
            peers, script: "Launch/peers/ntc.py", arguments: ["\(dimension)", "\(width)", "\(batch)", "\(steps)"])
        defer { peer?.finish() }
        try train()
        _ = try peer?.ask("torch")
        var (own, theirs) = (Timings(), Timings())
        for _ in 0..<repetitions {
            own.seconds.append(try secondsTaken { try train() } / Double(steps))
            if let answer = try peer?.ask("torch") {
                theirs.seconds.append((answer["seconds"] as? Double ?? .nan) / Double(steps))
            }
        }
        // Two transforms, each 2 d w + 6 w^2 weights; forward, and backward to inputs and to weights.
        let weights = 2 * (2 * Double(dimension * width) + 6 * Double(width * width))
        let result = Result(
            processor: processorName(), peakGFLOPs: peak / 1e9, dimension: dimension, width: width, batch: batch,
            microBatch: microBatch, floorSeconds: 6 * weights * Double(batch) / peak, seconds: own, peer: theirs,
            ratio: theirs.ratios(to: own))
        show(result)
        if let json { try writeJSON(result, to: json) }
    }

    private func show(_ result: Result) {
        print(
            "\(result.processor), one core, matrix product \(String(format: "%.0f", result.peakGFLOPs)) GFLOP/s\n"
                + "NTC in \(dimension) dimensions, width \(width), batch \(batch) in micro-batches of \(microBatch)")
        print(
            "  Lloyd \(milliseconds(result.seconds.median)) a step (\(milliseconds(result.seconds.minimum))-"
                + "\(milliseconds(result.seconds.maximum))), floor \(milliseconds(result.floorSeconds)), "
                + String(format: "%.0f %% of the floor's rate", 100 * result.floorSeconds / result.seconds.median))
        if !result.peer.seconds.isEmpty {
            print("  PyTorch \(milliseconds(result.peer.median)) a step, ratio \(spread(result.ratio))")
        }
    }
}
