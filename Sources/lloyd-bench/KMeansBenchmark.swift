import ArgumentParser
import Foundation
import Numerics

struct KMeansBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kmeans",
        abstract: "One K-means iteration (assignment, statistics, new codewords) against faiss and scikit-learn.",
        discussion: """
            All run on one thread and take turns, on the same vectors and starting codewords. A ratio is the peer's time
            over Lloyd's, for each pair of neighboring runs: median (minimum-maximum). Times are the processor's, so
            that other programs on the machine disturb less. The floor is 2 n d K operations at the rate of a large
            matrix product on this core. Peers run once per OPENBLAS_CORETYPE worth trying on this processor; they need:
            python3 -m pip install faiss-cpu scikit-learn threadpoolctl
            """)

    struct Shape: Codable {
        var count: Int
        var dimension: Int
        var codewords: Int
    }

    struct PeerResult: Codable {
        var name: String
        var setting: String
        var seconds: Timings
        var ratio: Timings
        var objective: Double?
    }

    struct Result: Codable {
        var shape: Shape
        var floorSeconds: Double
        var seconds: Timings
        var objective: Double
        var peers: [PeerResult]
    }

    struct Report: Codable {
        var processor: String
        var peakGFLOPs: Double
        var results: [Result]
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "The Python interpreter that has the peers, or 'none'.") var peers = "python3"
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 5
    @Option(
        name: .customLong("shape"),
        help: "Vectors, dimension and codewords, as 10000x1000x256; may be repeated. (default: three of them)")
    var shapes: [String] = []

    static let usual = ["200000x64x256", "10000x1000x256", "1000000x128x1024"]

    func validate() throws {
        guard repetitions >= 1 else { throw ValidationError("--repetitions \(repetitions): at least 1") }
        _ = try (shapes.isEmpty ? Self.usual : shapes).map(Self.shape)
    }

    static func shape(_ text: String) throws -> Shape {
        let parts = text.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 3, parts.allSatisfy({ $0 >= 1 }), parts[2] <= parts[0] else {
            throw ValidationError("--shape \(text): expected vectors x dimension x codewords, as in 10000x1000x256")
        }
        return Shape(count: parts[0], dimension: parts[1], codewords: parts[2])
    }

    func run() throws {
        let peak = measuredPeak()
        var report = Report(processor: processorName(), peakGFLOPs: peak / 1e9, results: [])
        print("\(report.processor), one core, matrix product \(String(format: "%.0f", peak / 1e9)) GFLOP/s")
        for shape in try (shapes.isEmpty ? Self.usual : shapes).map(Self.shape) {
            report.results.append(try measure(shape, peak: peak))
        }
        if let json { try writeJSON(report, to: json) }
    }

    /// A peer under one setting, with its timings and Lloyd's beside them.
    final class Contestant {
        let name: String
        let setting: String
        let process: PeerProcess
        var seconds = Timings()
        var beside = Timings()
        var objective: Double?

        init(name: String, setting: String, process: PeerProcess) {
            self.name = name
            self.setting = setting
            self.process = process
        }
    }

    private func measure(_ shape: Shape, peak: Double) throws -> Result {
        let vectors = normalVectors(count: shape.count, dimension: shape.dimension)
        let codebook = spreadCodewords(vectors, codewords: shape.codewords)
        let iteration = KMeansIteration(vectors: vectors, codewords: shape.codewords)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        var contestants: [Contestant] = []
        var processes: [PeerProcess] = []
        defer { for process in processes { process.finish() } }
        if peers != "none" {
            for (name, matrix) in [("vectors", vectors), ("codebook", codebook)] {
                let bytes = Data(
                    bytesNoCopy: matrix.pointer, count: 4 * matrix.count, deallocator: .none)
                try bytes.write(to: folder.appendingPathComponent("\(name).f32"))
            }
            for setting in peerSettings() {
                let process = try startPeer(folder.path, shape, coreType: setting)
                processes.append(process)
                let names = try process.ask("names")
                if let missing = names["missing"] as? String { print("  \(missing)") }
                for name in names["names"] as? [String] ?? [] {
                    contestants.append(Contestant(name: name, setting: setting ?? "unset", process: process))
                }
            }
        }
        var own = Timings()
        var objective = try iteration.run(iteration.prepared(from: codebook))
        func timed() throws -> Double {
            let pass = iteration.prepared(from: codebook)
            return try secondsTaken { objective = try iteration.run(pass) }
        }
        for contestant in contestants {
            contestant.objective = try contestant.process.ask(contestant.name)["objective"] as? Double
        }
        for repetition in 0..<repetitions {
            // Every second round goes backwards, so that no contestant always follows the same neighbor.
            for contestant in repetition % 2 == 0 ? contestants : contestants.reversed() {
                contestant.beside.seconds.append(try timed())
                let answer = try contestant.process.ask(contestant.name)
                contestant.seconds.seconds.append(answer["seconds"] as? Double ?? .nan)
            }
            if contestants.isEmpty { own.seconds.append(try timed()) }
        }
        own.seconds += contestants.flatMap(\.beside.seconds)
        let operations = 2 * Double(shape.count) * Double(shape.dimension) * Double(shape.codewords)
        let result = Result(
            shape: shape, floorSeconds: operations / peak, seconds: own, objective: objective,
            peers: contestants.map {
                PeerResult(
                    name: $0.name, setting: $0.setting, seconds: $0.seconds, ratio: $0.seconds.ratios(to: $0.beside),
                    objective: $0.objective)
            })
        show(result)
        return result
    }

    private func startPeer(_ folder: String, _ shape: Shape, coreType: String?) throws -> PeerProcess {
        let script = "Launch/peers/kmeans.py"
        guard FileManager.default.fileExists(atPath: script) else {
            throw ValidationError("\(script) is not here: run it in the project's folder, or with --peers none")
        }
        return try PeerProcess(
            python: peers, script: script,
            arguments: [folder, "\(shape.count)", "\(shape.dimension)", "\(shape.codewords)"],
            environment: [
                "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": coreType,
                "OPENBLAS_L2_SIZE": nil, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
            ])
    }

    /// Values of OPENBLAS_CORETYPE: nil lets OpenBLAS choose by itself.
    private func peerSettings() -> [String?] {
        processorHas("avx512f") ? [nil, "SkylakeX", "Haswell"] : [nil, "Haswell"]
    }

    private func show(_ result: Result) {
        let shape = result.shape
        let share = result.floorSeconds / result.seconds.median
        print("n \(shape.count), d \(shape.dimension), K \(shape.codewords)")
        print(
            "  Lloyd \(milliseconds(result.seconds.median)) (\(milliseconds(result.seconds.minimum))-"
                + "\(milliseconds(result.seconds.maximum))), floor \(milliseconds(result.floorSeconds)), "
                + String(format: "%.0f %% of the floor's rate, objective %.6g", 100 * share, result.objective))
        for peer in result.peers {
            let objective = peer.objective.map { String(format: ", objective %.6g", $0) } ?? ""
            print(
                "  \(peer.name), OPENBLAS_CORETYPE \(peer.setting): \(milliseconds(peer.seconds.median)), "
                    + "ratio \(spread(peer.ratio))\(objective)")
        }
        // A search without statistics is not an iteration: shown, but not a contestant.
        let contestants = result.peers.filter { !$0.name.contains("alone") }
        if let best = contestants.min(by: { $0.ratio.median < $1.ratio.median }) {
            print("  best peer: \(best.name), OPENBLAS_CORETYPE \(best.setting), ratio \(spread(best.ratio))")
        }
    }
}
