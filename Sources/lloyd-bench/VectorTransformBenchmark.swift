import ArgumentParser
import Foundation
import NVTC
import Neural
import Numerics
import Training

struct VectorTransformBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nvtc",
        abstract: "A training step of the NVTC paper's model against the same network in PyTorch.",
        discussion: """
            Both run on one thread in single precision and take turns: forward, backward and Adam on crops with everything \
            on. A ratio is the peer's time over Lloyd's for each pair of neighboring runs: median (minimum-maximum). \
            Times are the processor's. The floor is the operations of direct convolutions and matrix products at the rate \
            of a large matrix product on this core. Each operation's share is measured apart, in one more step. \
            The peer needs: python3 -m pip install torch
            """)

    struct Result: Codable {
        var processor: String
        var peakGFLOPs: Double
        var crop: Int
        var batch: Int
        var seconds: Timings
        var peer: Timings
        var ratio: Timings
        /// Milliseconds of one crop's forward and backward pass by kind of operation.
        var operations: [String: [Double]]
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "The Python interpreter that has PyTorch, or 'none'.") var peers = "python3"
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 5
    @Option(help: "Steps of a repetition.") var steps = 2
    @Option(help: "Height and width of a crop.") var crop = 256
    @Option(help: "Crops of a step.") var batch = 1

    func validate() throws {
        guard repetitions >= 1, steps >= 1, batch >= 1, crop >= 64, crop % 64 == 0 else {
            throw ValidationError("sizes must be positive, and the crop a multiple of 64")
        }
    }

    func run() throws {
        let peak = measuredPeak()
        let model = NVTCModel(.paper, seed: 1)
        let pass = NVTCPass(model, height: crop, width: crop, phase: .full(model.architecture))
        pass.setObjective(lambda: 256, images: batch)
        for index in 0..<pass.input.count { pass.input.data[index] = Float(index * 7919 % 256) / 255 }
        let gradients = (0..<min(batch, 2)).map { _ in AlignedBuffer<Float>(count: model.parameters.count) }
        let adam = Adam(parameters: model.parameters)
        let team = Team(threads: 1)
        func step() throws {
            for image in 0..<batch {
                // Held by the array, which outlives the step.
                let own = gradients[min(image, 1)]
                pass.tape.forward()
                pass.tape.backward(into: own.pointer) { _ in }
                if image > 0 { addScaled(own.pointer, factor: 1, to: gradients[0].pointer, count: own.count) }
            }
            try adam.step(gradients[0].pointer, rate: 1e-4, team: team)
        }
        let peer = try PeerProcess.torch(
            peers, script: "Launch/peers/nvtc.py", arguments: ["\(crop)", "\(batch)", "\(steps)"])
        defer { peer?.finish() }
        try step()
        _ = try peer?.ask("torch")
        var (own, theirs) = (Timings(), Timings())
        for _ in 0..<repetitions {
            own.seconds.append(try secondsTaken { for _ in 0..<steps { try step() } } / Double(steps))
            if let answer = try peer?.ask("torch") {
                theirs.seconds.append((answer["seconds"] as? Double ?? .nan) / Double(steps))
            }
        }
        var operations: [String: [Double]] = [:]
        withExtendedLifetime(gradients) {
            pass.tape.measure(into: gradients[0].pointer) { name, forward, backward in
                let before = operations[name] ?? [0, 0, 0]
                operations[name] = [before[0] + 1, before[1] + forward * 1e3, before[2] + backward * 1e3]
            }
        }
        let result = Result(
            processor: processorName(), peakGFLOPs: peak / 1e9, crop: crop, batch: batch, seconds: own, peer: theirs,
            ratio: theirs.ratios(to: own), operations: operations)
        show(result)
        if let json { try writeJSON(result, to: json) }
    }

    private func show(_ result: Result) {
        print(
            "\(result.processor), one core, matrix product \(String(format: "%.0f", result.peakGFLOPs)) GFLOP/s\n"
                + "NVTC as published, \(batch) crop\(batch == 1 ? "" : "s") of \(crop) x \(crop)")
        print(
            "  Lloyd \(milliseconds(result.seconds.median)) a step (\(milliseconds(result.seconds.minimum))-"
                + "\(milliseconds(result.seconds.maximum)))")
        if !result.peer.seconds.isEmpty {
            print("  PyTorch \(milliseconds(result.peer.median)) a step, ratio \(spread(result.ratio))")
        }
        print("  One crop, by operation: count, forward ms, backward ms")
        for (name, times) in result.operations.sorted(by: { $0.value[1] + $0.value[2] > $1.value[1] + $1.value[2] }) {
            print(
                "    " + name.padding(toLength: 40, withPad: " ", startingAt: 0)
                    + String(format: "%4.0f %8.1f %8.1f", times[0], times[1], times[2]))
        }
    }
}
