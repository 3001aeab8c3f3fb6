import ArgumentParser
import Foundation
import Numerics

struct SparseLayerBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sparse-layer",
        abstract: "An iteration on the active dimensions alone, as a regularized layer does it, against a dense one.",
        discussion: """
            The source is that of RRQ's Table I: 1000 dimensions whose variance decays as exp(-0.01 j), of which 47 are
            active at K = 256. The sparse iteration includes gathering the active dimensions from the full vectors,
            which training does once per layer.
            """)

    struct Report: Codable {
        var processor: String
        var dense: Timings
        var sparse: Timings
        var gather: Timings
        var ratio: Timings
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "Vectors.") var count = 10000
    @Option(help: "Dimensions.") var dimension = 1000
    @Option(help: "Active dimensions, the first ones.") var active = 47
    @Option(help: "Codewords.") var codewords = 256
    @Option(help: "Timed repetitions, after one to warm up.") var repetitions = 9

    func validate() throws {
        guard count >= codewords, codewords >= 1, dimension >= active, active >= 1, repetitions >= 1 else {
            throw ValidationError("expected count >= codewords >= 1, dimension >= active >= 1 and repetitions >= 1")
        }
    }

    func run() throws {
        let vectors = normalVectors(count: count, dimension: dimension, decay: 0.01)
        let codebook = spreadCodewords(vectors, codewords: codewords)
        let gathered = Matrix(rows: count, columns: active)
        func gather() {
            for i in 0..<count {
                (gathered.pointer + i * active).update(from: vectors.pointer + i * dimension, count: active)
            }
        }
        gather()
        let sparseCodebook = spreadCodewords(gathered, codewords: codewords)
        let dense = KMeansIteration(vectors: vectors, codewords: codewords)
        let sparse = KMeansIteration(vectors: gathered, codewords: codewords)
        var report = Report(
            processor: processorName(), dense: Timings(), sparse: Timings(), gather: Timings(), ratio: Timings())
        for repetition in 0...repetitions {
            let (densePass, sparsePass) = (dense.prepared(from: codebook), sparse.prepared(from: sparseCodebook))
            let denseSeconds = try secondsTaken { try dense.run(densePass) }
            let gatherSeconds = secondsTaken(gather)
            let sparseSeconds = try secondsTaken { try sparse.run(sparsePass) } + gatherSeconds
            guard repetition > 0 else { continue }
            report.dense.seconds.append(denseSeconds)
            report.sparse.seconds.append(sparseSeconds)
            report.gather.seconds.append(gatherSeconds)
        }
        report.ratio = report.dense.ratios(to: report.sparse)
        print("\(report.processor), one core; n \(count), K \(codewords)")
        print("  \(dimension) dimensions: \(milliseconds(report.dense.median))")
        print(
            "  \(active) active dimensions: \(milliseconds(report.sparse.median)), of it gathering "
                + milliseconds(report.gather.median))
        print("  ratio \(spread(report.ratio))")
        if let json { try writeJSON(report, to: json) }
    }
}
