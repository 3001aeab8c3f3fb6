import ArgumentParser
import Codec
import Datasets
import Foundation
import NVTC
import Training

struct CodecBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codec",
        abstract:
            "Encoding and decoding an image with the NVTC paper's model against the network's forward pass in PyTorch.",
        discussion: """
            Real files: transforms, entropy model, search and rANS, split as the paper's Table 3. PyTorch runs the whole \
            network forward, encoder and decoder, and writes no file. Both take turns, on one thread and then on two; times \
            are the wall clock's, so nothing else should run. A ratio is the peer's time over Lloyd's for each pair of \
            neighboring runs: median (minimum-maximum). The model's weights are random: times do not depend on them.
            The peer needs: python3 -m pip install torch
            """)

    struct Result: Codable {
        var processor: String
        var height: Int
        var width: Int
        var threads: [Threads]

        struct Threads: Codable {
            var threads: Int
            var encode: Timings
            var decode: Timings
            var peer: Timings
            var encodeRatio: Timings
            var decodeRatio: Timings
            /// Seconds by part of the last run.
            var encodingParts: [String: Double]
            var decodingParts: [String: Double]
        }
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "The Python interpreter that has PyTorch, or 'none'.") var peers = "python3"
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 5
    @Option(help: "Height of the image.") var height = 512
    @Option(help: "Width of the image.") var width = 768
    @Option(help: "Threads to try, separated by commas.") var threads = "1,2"

    func run() throws {
        let counts = threads.split(separator: ",").compactMap { Int($0) }.filter { $0 >= 1 }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-bench-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("nvtc-256.safetensors").path
        try NVTCModelFile.write(
            NVTCModel(.paper, seed: 1), lambda: 256, steps: 0, isRateConstrained: true, to: path)
        let model = try NVTCModelFile(path)
        let picture = DeadLeaves(count: 1, width: width, height: height, channels: 3, seed: 3)
        let image = try VectorImages(picture).image(0)
        let peer = try PeerProcess.torch(
            peers, script: "Launch/peers/nvtc.py", arguments: ["forward", "\(height)", "\(width)"])
        defer { peer?.finish() }
        var result = Result(processor: processorName(), height: height, width: width, threads: [])
        for count in counts {
            let codec = try VectorTransformCodec(model, threads: count)
            result.threads.append(try measure(codec, image, threads: count, peer))
            show(result.threads.last!)
        }
        if let json { try writeJSON(result, to: json) }
    }

    private func measure(
        _ codec: VectorTransformCodec, _ image: Image, threads: Int, _ peer: PeerProcess?
    ) throws -> Result.Threads {
        var (encode, decode, theirs) = (Timings(), Timings(), Timings())
        var coded = try codec.encode(image)
        var decoded = try codec.decode(coded.file, name: "the image")
        _ = try peer?.ask("\(threads)")
        for _ in 0..<repetitions {
            encode.seconds.append(try wallSeconds { coded = try codec.encode(image) })
            decode.seconds.append(try wallSeconds { decoded = try codec.decode(coded.file, name: "the image") })
            if let answer = try peer?.ask("\(threads)") {
                theirs.seconds.append(answer["seconds"] as? Double ?? .nan)
            }
        }
        return Result.Threads(
            threads: threads, encode: encode, decode: decode, peer: theirs, encodeRatio: theirs.ratios(to: encode),
            decodeRatio: theirs.ratios(to: decode),
            encodingParts: coded.times.shares(of: encode.seconds.last ?? .nan),
            decodingParts: decoded.times.shares(of: decode.seconds.last ?? .nan))
    }

    private func wallSeconds(_ work: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(work).seconds
    }

    private func show(_ result: Result.Threads) {
        print("\(width)x\(height), \(result.threads) thread\(result.threads == 1 ? "" : "s")")
        for (name, times, parts, ratio) in [
            ("encode", result.encode, result.encodingParts, result.encodeRatio),
            ("decode", result.decode, result.decodingParts, result.decodeRatio),
        ] {
            let split = parts.sorted { $0.value > $1.value }.map { "\($0.key) \(milliseconds($0.value))" }
            print(
                "  \(name) \(milliseconds(times.median)): \(split.joined(separator: ", "))"
                    + (result.peer.seconds.isEmpty ? "" : "; PyTorch's forward over it \(spread(ratio))"))
        }
        if !result.peer.seconds.isEmpty { print("  PyTorch's forward pass \(milliseconds(result.peer.median))") }
    }
}
