import ArgumentParser
import Numerics

struct ConvolutionBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convolution",
        abstract: "A 3 x 3 convolution, forward and backward, against the same one in PyTorch.",
        discussion: """
            Both run on one thread and take turns. A ratio is the peer's time over Lloyd's for each pair of neighboring
            runs: median (minimum-maximum). Times are the processor's. Forward includes the bias and the transform of the
            weights, backward the gradients of input, weights and bias. The floor is the 36 matrix products of each pass
            at the rate of a large matrix product on this core. The peer needs: python3 -m pip install torch
            """)

    /// One pass in both implementations.
    struct Pass: Codable {
        var floorSeconds: Double
        var seconds = Timings()
        /// The peer's by its memory format, and its ratio to the run of Lloyd's before it.
        var peers: [String: Timings] = [:]
        var ratios: [String: Timings] = [:]
    }

    struct Result: Codable {
        var processor: String
        var peakGFLOPs: Double
        var height: Int
        var width: Int
        var inputs: Int
        var outputs: Int
        var forward: Pass
        var backward: Pass
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "The Python interpreter that has PyTorch, or 'none'.") var peers = "python3"
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 15
    @Option(help: "Pixels from top to bottom; a multiple of 4.") var height = 64
    @Option(help: "Pixels from left to right; a multiple of 4.") var width = 64
    @Option(help: "Channels of the input.") var inputs = 192
    @Option(help: "Channels of the output.") var outputs = 192

    func validate() throws {
        guard repetitions >= 1, height >= 4, width >= 4, height % 4 == 0, width % 4 == 0, inputs >= 1, outputs >= 1
        else { throw ValidationError("sizes must be positive, height and width multiples of 4") }
    }

    func run() throws {
        let peak = measuredPeak()
        let convolution = Convolution(
            WinogradConvolution(
                grid: PixelGrid(height: height, width: width, block: 4), inputs: inputs, outputs: outputs))
        var (peer, names): (PeerProcess?, [String]) = (nil, [])
        if peers != "none" {
            let process = try PeerProcess(
                python: peers, script: "Launch/peers/convolution.py",
                arguments: ["\(height)", "\(width)", "\(inputs)", "\(outputs)"],
                environment: [
                    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
                ])
            let answer = try process.ask("names")
            if let missing = answer["missing"] as? String { print(missing) } else { peer = process }
            names = answer["names"] as? [String] ?? []
        }
        defer { peer?.finish() }
        convolution.forward()
        convolution.backward()
        for name in names { _ = try peer?.ask(name) }

        let floor = 2 * 36 * Double(height * width / 16) * Double(inputs * outputs) / peak
        var (forward, backward) = (Pass(floorSeconds: floor), Pass(floorSeconds: 2 * floor))
        for _ in 0..<repetitions {
            // Without a peer, Lloyd runs alone.
            for name in names.isEmpty ? [""] : names {
                let own = (secondsTaken(convolution.forward), secondsTaken(convolution.backward))
                forward.seconds.seconds.append(own.0)
                backward.seconds.seconds.append(own.1)
                guard let answer = try peer?.ask(name) else { continue }
                Self.add(answer["forward"], beside: own.0, name, to: &forward)
                Self.add(answer["backward"], beside: own.1, name, to: &backward)
            }
        }
        let result = Result(
            processor: processorName(), peakGFLOPs: peak / 1e9, height: height, width: width, inputs: inputs,
            outputs: outputs, forward: forward, backward: backward)
        show(result)
        if let json { try writeJSON(result, to: json) }
    }

    private static func add(_ answer: Any?, beside own: Double, _ name: String, to pass: inout Pass) {
        let seconds = answer as? Double ?? .nan
        pass.peers[name, default: Timings()].seconds.append(seconds)
        pass.ratios[name, default: Timings()].seconds.append(seconds / own)
    }

    private func show(_ result: Result) {
        let rate = String(result.peakGFLOPs.rounded())
        print("\(result.processor), one core, matrix product \(rate) GFLOP/s")
        print("3 x 3 convolution of \(height) x \(width) pixels, \(inputs) to \(outputs) channels")
        for (name, pass) in [("forward", result.forward), ("backward", result.backward)] {
            print(
                "  \(name): Lloyd \(milliseconds(pass.seconds.median)) (\(milliseconds(pass.seconds.minimum))-"
                    + "\(milliseconds(pass.seconds.maximum))), floor \(milliseconds(pass.floorSeconds))")
            for (peer, timings) in pass.peers.sorted(by: { $0.key < $1.key }) {
                print("    PyTorch, \(peer): \(milliseconds(timings.median)), ratio \(spread(pass.ratios[peer]!))")
            }
            if let best = pass.ratios.min(by: { $0.value.median < $1.value.median }), pass.ratios.count > 1 {
                print("    best peer: PyTorch, \(best.key), ratio \(spread(best.value))")
            }
        }
    }
}

/// A convolution with numbers and memory to run on.
private struct Convolution {
    private let layer: WinogradConvolution
    private let input: AlignedBuffer<Float>
    private let weights: AlignedBuffer<Float>
    private let bias: AlignedBuffer<Float>
    private let points: AlignedBuffer<Float>
    private let output: AlignedBuffer<Float>
    private let inputGradient: AlignedBuffer<Float>
    private let weightGradient: AlignedBuffer<Float>
    private let biasGradient: AlignedBuffer<Float>
    private let scratch: AlignedBuffer<Float>

    init(_ layer: WinogradConvolution) {
        self.layer = layer
        func normals(_ count: Int, deviation: Float = 1, _ item: Int) -> AlignedBuffer<Float> {
            let buffer = AlignedBuffer<Float>(count: count)
            CounterRandom(seed: 1, purpose: .test).normals(item: item, into: buffer.elements)
            for index in 0..<count { buffer[index] *= deviation }
            return buffer
        }
        input = normals(layer.rows * layer.inputs, 0)
        weights = normals(layer.weightCount, deviation: 0.02, 1)
        bias = normals(layer.outputs, 2)
        points = AlignedBuffer(count: layer.pointCount)
        output = AlignedBuffer(count: layer.rows * layer.outputs)
        inputGradient = AlignedBuffer(count: layer.rows * layer.inputs)
        weightGradient = AlignedBuffer(count: layer.weightCount)
        biasGradient = AlignedBuffer(count: layer.outputs)
        scratch = AlignedBuffer(count: max(layer.backwardCount, layer.forwardCount))
    }

    func forward() {
        layer.transform(weights.pointer, into: points.pointer)
        layer.forward(
            input.pointer, points: points.pointer, scratch: scratch.pointer, bias: bias.pointer,
            output: .plain(output.pointer))
    }

    /// The output serves as its own gradient.
    func backward() {
        layer.backward(
            output.pointer, input: input.pointer, weights: weights.pointer,
            weightGradient: GradientMemory(weightGradient.pointer, accumulate: false),
            biasGradient: GradientMemory(biasGradient.pointer, accumulate: false),
            inputGradient: GradientMemory(inputGradient.pointer, accumulate: false), scratch: scratch.pointer)
    }
}
