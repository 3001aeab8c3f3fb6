import ArgumentParser
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Numerics
import Stepping
import Training

struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turns vectors into codes by the layers of an RRQ run.",
        discussion: """
            A code is one index a layer: the file has a row for each vector, of uint8 for up to 256 codewords, or else \
            uint16. The vectors are an .npy, .fvecs or .bvecs file, which may be larger than memory. Alone or under \
            mpirun: ranks share the vectors, and the codes are the same for any number of them.

            --beam B keeps the B best partial codes of a vector from layer to layer. It takes B times as long, and errs \
            less; the file is read alike.

            Examples:
              lloyd quantize runs/sift base.fvecs --codes codes.npy
              lloyd quantize runs/sift base.fvecs --codes codes.npy --beam 16 --threads 2 --json quality.json
              lloyd quantize runs/sift base.fvecs --codes short.npy --layers 4 --reconstruction decoded.npy
              mpirun -n 2 lloyd quantize runs/sift base.fvecs --codes codes.npy
            """)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run")) var folder: String
    @Argument(help: ArgumentHelp("The vectors: .npy, .fvecs or .bvecs.", valueName: "vectors")) var vectors: String
    @Option(help: ArgumentHelp("Where the codes go.", valueName: "npy")) var codes: String
    @Option(help: ArgumentHelp("Also writes the vectors that the codes stand for.", valueName: "npy"))
    var reconstruction: String?
    @Option(help: "Only the first layers. (default: all there are)") var layers: Int?
    @Option(help: "Partial codes that a vector keeps from layer to layer.") var beam = 1
    @Option(help: "Threads of each rank.") var threads = 1
    @Option(help: ArgumentHelp("Writes the errors and the use of codewords.", valueName: "file")) var json: String?

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024") }
        guard (1...1024).contains(beam) else { throw ValidationError("--beam must be from 1 to 1024") }
        if let layers {
            guard layers >= 1 else { throw ValidationError("--layers must be at least 1") }
        }
    }

    func run() throws {
        let world = try MPIEnvironment.startIfLaunched()
        let isComplete = Job.run(world, context: "quantizing \(vectors)") { try quantize(world) }
        if !isComplete { throw ExitCode(75) }
    }

    private func quantize(_ world: any Communicator) throws -> Bool {
        FusedMultiplyAdd.require()
        StopSignals.install()
        if world.rank == 0 { try Outputs.check([codes, reconstruction, json], inputs: [folder, vectors]) }
        let quantizer = VectorQuantizer(
            try TrainedLayers(runFolder: folder, count: layers), beam: beam, threads: threads)
        let source = try VectorFile.open(vectors)
        guard source.dimension == quantizer.dimension else {
            throw LloydError(
                path: vectors,
                problem: "has vectors of dimension \(source.dimension); those of \(folder) have \(quantizer.dimension)",
                remedy: "name vectors of the kind that the run was trained on")
        }
        let team = Team(threads: threads)
        let layout = Layout(quantizer, keepsReconstruction: reconstruction != nil)
        let pass = BlockPass(
            items: source.count, blockRows: quantizer.blockRows, bytesPerBlock: layout.bytes, communicator: world,
            team: team)
        let work = Work(quantizer, source: source, layout: layout, threads: threads)
        var statistics = CodeStatistics(
            codewords: quantizer.trained.codebooks.map(\.codewords), dimension: quantizer.dimension)
        func passOver(_ codes: OutputFile.Appender?, _ vectors: OutputFile.Appender?) throws {
            try pass.run(progress: "quantizing") { items, worker, result in
                try work.compute(items, worker, result)
            } receive: { items, bytes in
                try codes?.append(layout.codes(items.count, bytes))
                try vectors?.append(layout.vectors(items.count, bytes))
                layout.add(items.count, bytes, to: &statistics)
            }
        }
        do {
            guard world.rank == 0 else {
                try passOver(nil, nil)
                return true
            }
            try layout.format.write(rows: source.count, columns: quantizer.layers, to: codes) { file in
                guard let reconstruction else { return try passOver(file, nil) }
                try NumPyFile.write(Float.self, rows: source.count, columns: quantizer.dimension, to: reconstruction) {
                    try passOver(file, $0)
                }
            }
        } catch is BlockPass.Stopped {
            if world.rank == 0 { Terminal.say("Stopped by a signal: nothing was written.") }
            return false
        }
        try finish(statistics.summary, layout)
        return true
    }

    private func finish(_ summary: CodeStatistics.Summary, _ layout: Layout) throws {
        if let json { try JSONOutput.write(summary, to: json) }
        let shape = "\(summary.vectors) x \(summary.layers.count)"
        print("Codes: \(codes) (\(shape), \(layout.format.name); \(compact(summary.bits)) bits a vector)")
        print(
            String(
                format: "Squared error %.6g a vector, %.4f of the vectors' variance; %.2f %% share their code",
                summary.squaredError, summary.distortion, 100 * summary.collisionRate))
        if let reconstruction { print("Reconstruction: \(reconstruction)") }
        if let json { print("Figures: \(json)") }
    }
}

/// What a block's result is made of: codes, decoded vectors if they are kept, and sums.
private struct Layout {
    let format: CodeFormat
    let layers: Int
    let dimension: Int
    private let rows: Int
    private let keepsVectors: Bool

    init(_ quantizer: VectorQuantizer, keepsReconstruction: Bool) {
        format = CodeFormat(codewords: quantizer.trained.codebooks.map(\.codewords).max() ?? 1)
        layers = quantizer.layers
        dimension = quantizer.dimension
        rows = quantizer.blockRows
        keepsVectors = keepsReconstruction
    }

    /// Sums come first, since they must be aligned.
    private var sumBytes: Int { 8 * CodeStatistics.Sums.count(dimension: dimension) }
    private var vectorBytes: Int { keepsVectors ? 4 * rows * dimension : 0 }
    var codesStart: Int { sumBytes + vectorBytes }
    var vectorsStart: Int { sumBytes }
    /// Of a whole block, in whole words.
    var bytes: Int { (codesStart + rows * layers * format.rawValue + 7) / 8 * 8 }

    func codes(_ count: Int, _ bytes: UnsafeRawBufferPointer) -> Data {
        Data(bytes[codesStart..<codesStart + count * layers * format.rawValue])
    }

    func vectors(_ count: Int, _ bytes: UnsafeRawBufferPointer) -> Data {
        Data(bytes[vectorsStart..<vectorsStart + 4 * count * dimension])
    }

    func add(_ count: Int, _ bytes: UnsafeRawBufferPointer, to statistics: inout CodeStatistics) {
        let codes = UnsafeRawBufferPointer(rebasing: bytes[codesStart...])
        statistics.add(
            codes: { item, layer in
                let index = item * layers + layer
                switch format {
                case .bytes: return Int(codes[index])
                case .words: return Int(codes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                case .integers: return Int(codes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
                }
            }, count: count)
        statistics.add(UnsafeRawBufferPointer(rebasing: bytes[..<sumBytes]).bindMemory(to: Double.self))
    }
}

/// The coding of blocks, with each thread's memory.
private final class Work {
    private let quantizer: VectorQuantizer
    private let source: any VectorSource
    private let layout: Layout
    private let memory: [Memory]

    private struct Memory {
        let rows: AlignedBuffer<Float>
        let codes: AlignedBuffer<Int32>
        let workspace: VectorQuantizer.Workspace
    }

    init(_ quantizer: VectorQuantizer, source: any VectorSource, layout: Layout, threads: Int) {
        (self.quantizer, self.source, self.layout) = (quantizer, source, layout)
        memory = (0..<threads).map { _ in
            Memory(
                rows: AlignedBuffer(count: quantizer.blockRows * quantizer.dimension),
                codes: AlignedBuffer(count: quantizer.blockRows * quantizer.layers),
                workspace: quantizer.makeWorkspace())
        }
    }

    func compute(_ items: Range<Int>, _ worker: Int, _ result: UnsafeMutableRawBufferPointer) throws {
        guard let start = result.baseAddress else { return }
        let (memory, dimension) = (memory[worker], quantizer.dimension)
        let (rows, codes) = (memory.rows.pointer, memory.codes.pointer)
        let sums = start.bindMemory(to: Double.self, capacity: CodeStatistics.Sums.count(dimension: dimension))
        sums.update(repeating: 0, count: CodeStatistics.Sums.count(dimension: dimension))
        let center = quantizer.trained.transform.mean.pointer
        for (number, item) in items.enumerated() {
            let row = rows + number * dimension
            try source.read(item, into: UnsafeMutableBufferPointer(start: row, count: dimension))
            for entry in 0..<dimension {
                let value = Double(row[entry] - center[entry])
                sums[CodeStatistics.Sums.squaredLength] += value * value
                sums[CodeStatistics.Sums.first + entry] += value
            }
        }
        quantizer.encode(rows, count: items.count, codes: codes, worker: worker, memory.workspace)
        for number in 0..<items.count {
            sums[CodeStatistics.Sums.squaredError] += squaredNorm(rows + number * dimension, dimension)
        }
        layout.format.store(codes, count: items.count * quantizer.layers, to: start + layout.codesStart)
        guard layout.codesStart > layout.vectorsStart else { return }
        quantizer.decode(codes, count: items.count, layers: quantizer.layers, into: rows, memory.workspace)
        (start + layout.vectorsStart).copyMemory(from: rows, byteCount: 4 * items.count * dimension)
    }
}
