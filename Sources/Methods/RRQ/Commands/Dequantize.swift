import ArgumentParser
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Numerics
import Stepping
import Training

struct Dequantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turns codes of `lloyd quantize` back into vectors.",
        discussion: """
            The vectors are the sums of their codewords, with the run's pre-processing undone: what `lloyd quantize \
            --reconstruction` writes. Codes of fewer layers than the run has are those of its first layers; --layers takes \
            fewer still. Alone or under mpirun, with the same result.

            Examples:
              lloyd dequantize runs/sift codes.npy --out decoded.npy
              lloyd dequantize runs/sift codes.npy --out coarse.npy --layers 2
            """)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run")) var folder: String
    @Argument(help: ArgumentHelp("The codes.", valueName: "npy")) var codes: String
    @Option(name: .customLong("out"), help: ArgumentHelp("Where the vectors go, as float32.", valueName: "npy"))
    var output: String
    @Option(help: "Only the first layers. (default: all that the codes have)") var layers: Int?
    @Option(help: "Threads of each rank.") var threads = 1

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024") }
        if let layers {
            guard layers >= 1 else { throw ValidationError("--layers must be at least 1") }
        }
    }

    func run() throws {
        let world = try MPIEnvironment.startIfLaunched()
        let isComplete = Job.run(world, context: "decoding \(codes)") { try decode(world) }
        if !isComplete { throw ExitCode(75) }
    }

    private func decode(_ world: any Communicator) throws -> Bool {
        FusedMultiplyAdd.require()
        StopSignals.install()
        if world.rank == 0 { try Outputs.check([output], inputs: [folder, codes]) }
        let source = try VectorFile.open(codes)
        let trained = try TrainedLayers(runFolder: folder, count: nil)
        guard source.dimension <= trained.codebooks.count else {
            throw LloydError(
                path: codes,
                problem: "has codes of \(source.dimension) layers; \(folder) has \(trained.codebooks.count)",
                remedy: "name the run that the vectors were quantized with")
        }
        let wanted = layers ?? source.dimension
        guard wanted <= source.dimension else {
            throw LloydError(
                path: codes, problem: "has codes of \(source.dimension) layers, not the \(wanted) of --layers",
                remedy: "ask for fewer")
        }
        let quantizer = VectorQuantizer(trained, beam: 1, threads: 1)
        let memory = (0..<threads).map { _ in Memory(quantizer, columns: source.dimension) }
        let pass = BlockPass(
            items: source.count, blockRows: quantizer.blockRows,
            bytesPerBlock: 4 * quantizer.blockRows * quantizer.dimension, communicator: world,
            team: Team(threads: threads))
        func passOver(_ file: OutputFile.Appender?) throws {
            try pass.run(progress: "decoding") { items, worker, result in
                let memory = memory[worker]
                try read(items, of: source, into: memory, layers: wanted, trained)
                quantizer.decode(
                    memory.codes.pointer, count: items.count, layers: wanted, into: memory.rows.pointer,
                    memory.workspace)
                result.baseAddress?.copyMemory(
                    from: memory.rows.pointer, byteCount: 4 * items.count * quantizer.dimension)
            } receive: { items, bytes in
                try file?.append(Data(bytes[..<(4 * items.count * quantizer.dimension)]))
            }
        }
        do {
            guard world.rank == 0 else {
                try passOver(nil)
                return true
            }
            try NumPyFile.write(
                Float.self, rows: source.count, columns: quantizer.dimension, to: output, passOver)
        } catch is BlockPass.Stopped {
            if world.rank == 0 { Terminal.say("Stopped by a signal: nothing was written.") }
            return false
        }
        print("Vectors: \(output) (\(source.count) x \(quantizer.dimension), of \(wanted) layers)")
        return true
    }

    /// Reads codes of the first layers.
    /// - Throws: `LloydError` for a number that is not a codeword's.
    private func read(
        _ items: Range<Int>, of source: any VectorSource, into memory: Memory, layers: Int, _ trained: TrainedLayers
    ) throws {
        let row = memory.row
        for (number, item) in items.enumerated() {
            try source.read(item, into: UnsafeMutableBufferPointer(start: row.pointer, count: source.dimension))
            for layer in 0..<layers {
                let codewords = trained.codebooks[layer].codewords
                guard let index = Int32(exactly: row[layer]), index >= 0, index < codewords else {
                    throw LloydError(
                        path: codes,
                        problem: "holds \(compact(Double(row[layer]))) at \(source.itemName(item)), layer "
                            + "\(layer + 1), whose codewords are 0 to \(codewords - 1)",
                        remedy: "name the codes that `lloyd quantize` wrote, and the run that it used")
                }
                memory.codes[number * layers + layer] = index
            }
        }
    }

    /// What one thread needs.
    private struct Memory {
        let row: AlignedBuffer<Float>
        let codes: AlignedBuffer<Int32>
        let rows: AlignedBuffer<Float>
        let workspace: VectorQuantizer.Workspace

        init(_ quantizer: VectorQuantizer, columns: Int) {
            row = AlignedBuffer(count: columns)
            codes = AlignedBuffer(count: quantizer.blockRows * columns)
            rows = AlignedBuffer(count: quantizer.blockRows * quantizer.dimension)
            workspace = quantizer.makeWorkspace()
        }
    }
}
