import Foundation
import TestSupport
import Testing

/// The program as users start it.
enum LloydProgram {
    static let path = Result { try ProductsFolder.executable("lloyd") }

    /// Runs `lloyd`, under mpirun if `ranks` is given.
    static func run(
        _ arguments: [String], ranks: Int? = nil, folder: String? = nil,
        interruption: ChildProcess.Interruption? = nil
    ) throws -> ChildProcess.Result {
        guard let ranks else {
            return try ChildProcess.run(
                path.get(), arguments: arguments, environment: MPIRun.childEnvironment(), folder: folder,
                interruption: interruption)
        }
        return try MPIRun.run(
            executable: path.get(), ranks: ranks, arguments: arguments, folder: folder, interruption: interruption)
    }

    /// A small run on dead leaves with everything in it: PCA, comparison, super-resolution with held-out images.
    static let smallConfig = """
        method: rrq
        title: "small"
        shards: 6
        data: {source: dead-leaves, count: 200, width: 16, height: 16}
        preprocessing: {band-size: 64}
        rrq: {layers: 5, codewords: 16, iterations: 4}
        comparison: {kmeans-layers: 2}
        super-resolution: {factor: 2, held-out: 0.2}
        report: {snapshots: [1, 5], pictures: 2}
        """

    static let smallStudy = """
        method: codebook-study
        shards: 5
        data: {dimension: 60, decay: 0.05}
        study: {trials: 2, train-count: 120, test-count: 100, codewords: 16, lambdas: [0.1, 10], iterations: 5}
        """

    /// A small study of a toy source with every method in it. Each lambda of ECVQ and NT-ECVQ costs seconds on every rank,
    /// whatever the numbers of samples: its starts are made from a million vectors.
    static let smallToy = """
        method: toy
        title: "small"
        shards: 6
        toy: {source: boomerang, dimension: 2, methods: [vq, ecvq, ntc, ntvq, ntecvq], test-samples: 3000}
        vq: {codewords: [4, 9], samples: 1000, iterations: 4}
        ecvq: {lambdas: [16], codewords: 400, samples: 4000, final-samples: 8000, passes: 3}
        ntc: {lambdas: [4, 16]}
        ntvq: {codewords: [6]}
        ntecvq: {lambdas: [8]}
        transform: {width: 12, blocks: 2, batch: 40, micro-batch: 8, steps: 30, warm-steps: 20, starts: 2,
          start-steps: 10, codebook-steps: 15}
        """

    /// Every phase of a small image codec's training, two lambdas, reinitializations, a validation in between.
    static let smallNVTC = """
        method: nvtc
        title: "small"
        nvtc: {lambdas: [512, 128]}
        model: {layers: [1, 2, 1], widths: [8, 12, 8], units: [1, 1, 2], codewords: [8, 12, 16],
          dimensions: [2, 3, 4], prior-width: 8, prior-blocks: 1, scaling-blocks: 1}
        data: {source: dead-leaves, count: 20, width: 80, height: 96, crop: 64}
        initialization: {starts: [6, 3, 0], steps: 12, interval: 3, least-share: 0.05}
        training: {steps: 20, warm-steps: 6, learning-rate: 0.001, batch: 4, clipping: 1, log-interval: 4,
          validation-interval: 8}
        checkpoint: {steps: 4}
        validation: {images: 3}
        """

    /// What a run leaves that must not depend on ranks and threads, by relative path.
    static func results(_ folder: ScratchFolder, _ run: String) throws -> [String: Data] {
        let files = try folder.files(below: run).filter { !$0.hasPrefix("report/") && $0 != "accounting.json" }
        return try Dictionary(uniqueKeysWithValues: files.map { ($0, try folder.bytes(of: run + "/" + $0)) })
    }

    /// Expects two runs to have left the same bytes.
    static func expectSame(_ found: [String: Data], _ wanted: [String: Data], _ context: String) {
        #expect(found.keys.sorted() == wanted.keys.sorted(), "\(context)")
        for (name, bytes) in wanted { #expect(found[name] == bytes, "\(name) differs: \(context)") }
    }
}
