import ArgumentParser
import COpenMPI
import Foundation
import Messaging
import Numerics
import Training

struct ReductionBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reduction",
        abstract: "The ordered sum over ranks against MPI_Allreduce, which adds in any order it likes.",
        discussion: """
            mpirun -n 2 --bind-to core lloyd-bench reduction
            mpirun -n 4 --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 lloyd-bench reduction

            Both sum the same floats in place on the same ranks, in alternation; a time is that of the slowest rank
            after a barrier. The ratio is formed repetition by repetition. The target is a median of at most 1.25 from
            4 to 64 MiB. Other programs on the same cores upset every figure: `chrt -r 1` before lloyd-bench keeps
            them away.
            """)

    struct Result: Codable {
        var bytes: Int
        var ordered: Timings
        var allReduce: Timings
        var ratio: Timings
    }

    struct Report: Codable {
        var processor: String
        var library: String
        /// MPI's settings in the environment, such as those that mpirun's --mca options make.
        var settings: [String: String]
        var ranks: Int
        var shards: Int
        var results: [Result]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(parsing: .upToNextOption, help: "Sizes of the vector in KiB.") var kibibytes = [1024, 4096, 16384, 65536]
    @Option(help: "Timed repetitions, after two to warm up.") var repetitions = 15
    @Option(help: "Leaves of the tree of additions (default: one per rank).") var shards: Int?
    @Option(help: "Longest segment of a rank in one chunk, in KiB (default: Lloyd's own).") var segment: Int?
    @Option(help: "Gather whole if all partial sums take at most so many KiB (default: Lloyd's own).")
    var gather: Int?

    func validate() throws {
        guard repetitions >= 1, kibibytes.allSatisfy({ (1...1 << 20).contains($0) }), shards ?? 1 >= 1,
            (1...1 << 30).contains(segment ?? 1), (0...1 << 30).contains(gather ?? 0)
        else {
            throw ValidationError(
                "expected repetitions, shards, a segment and sizes of at least 1 KiB, and sizes up to 1 GiB")
        }
    }

    func run() throws {
        let world = try MPIEnvironment.start()
        let code: Int32 = Job.run(world, context: "timing reductions") {
            let leaves = max(shards ?? world.size, world.size)
            let tree = ReductionTree(shards: leaves)
            let exchange = try ChunkedAllReduce(communicator: world, tree: tree)
            if let gather { exchange.gatherLimit = gather << 10 }
            if let segment { exchange.segmentLimit = segment << 10 }
            let results = try kibibytes.map { try measure(world, tree, exchange, bytes: $0 << 10) }
            guard world.rank == 0 else { return 0 }
            let settings = ProcessInfo.processInfo.environment.filter {
                $0.key.hasPrefix("OMPI_MCA_mpi_") || $0.key.hasPrefix("OMPI_MCA_btl")
                    || $0.key.contains("binding_policy")
            }
            let report = Report(
                processor: processorName(), library: MPIEnvironment.libraryVersion, settings: settings,
                ranks: world.size, shards: leaves, results: results)
            show(report)
            if let json { try writeJSON(report, to: json) }
            return 0
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func measure(
        _ world: MPICommunicator, _ tree: ReductionTree, _ exchange: ChunkedAllReduce, bytes: Int
    ) throws -> Result {
        let count = bytes / MemoryLayout<Float>.stride
        let layout = StatisticsLayout(rows: 1, columns: count)
        let nodes = tree.partialNodes(of: tree.ownedShards(rank: world.rank, ranks: world.size))
        let partials = nodes.map { _ in Statistics(layout: layout) }
        // Whole numbers, whose sum is exact in any order: both must deliver it.
        let sources = partials.indices.map { part in
            AlignedBuffer((0..<count).lazy.map { Float(($0 + world.rank + part) & 1023) })
        }
        func fill() {
            for (partial, source) in zip(partials, sources) {
                partial.touchRow(0).update(from: source.pointer, count: count)
            }
        }
        let total = partials[0].bulk
        var result = Result(bytes: bytes, ordered: Timings(), allReduce: Timings(), ratio: Timings())
        let parts = try world.allGather(value: Int64(nodes.count))
        for repetition in -2..<repetitions {
            func orderedRound() throws -> Double {
                fill()
                let seconds = try slowest(world) { try exchange.reduce(partials) }
                try check(total, count) { index in
                    var sum = 0
                    for (rank, count) in parts.enumerated() {
                        for part in 0..<Int(count) { sum += (index + rank + part) & 1023 }
                    }
                    return Float(sum)
                }
                return seconds
            }
            func allReduceRound() throws -> Double {
                fill()
                let seconds = try slowest(world) { try allReduce(total, count) }
                try check(total, count) { index in
                    var sum = 0
                    for rank in 0..<world.size { sum += (index + rank) & 1023 }
                    return Float(sum)
                }
                return seconds
            }
            let orderedFirst = repetition & 1 == 0
            let first = try orderedFirst ? orderedRound() : allReduceRound()
            let second = try orderedFirst ? allReduceRound() : orderedRound()
            guard repetition >= 0 else { continue }
            result.ordered.seconds.append(orderedFirst ? first : second)
            result.allReduce.seconds.append(orderedFirst ? second : first)
        }
        result.ratio = result.ordered.ratios(to: result.allReduce)
        return result
    }

    /// The time that the slowest rank takes for `work`, all beginning together.
    private func slowest(_ world: MPICommunicator, _ work: () throws -> Void) throws -> Double {
        try world.barrier()
        let start = ContinuousClock.now
        try work()
        let seconds = (ContinuousClock.now - start).seconds
        return try world.allGather(value: seconds).max()!
    }

    /// MPI's own reduction: for comparison only, nothing else in Lloyd calls it.
    private func allReduce(_ buffer: UnsafeMutablePointer<Float>, _ count: Int) throws {
        let code = MPI_Allreduce(
            lloyd_mpi_in_place(), buffer, Int32(count), lloyd_mpi_float(), lloyd_mpi_sum(), lloyd_mpi_comm_world())
        guard code == MPI_SUCCESS else { throw Failure(description: "MPI_Allreduce returned \(code)") }
    }

    private func check(_ total: UnsafeMutablePointer<Float>, _ count: Int, _ expected: (Int) -> Float) throws {
        for index in stride(from: 0, to: count, by: 977) where total[index] != expected(index) {
            throw Failure(description: "element \(index) of the sum is \(total[index]), not \(expected(index))")
        }
    }

    private func show(_ report: Report) {
        let library = report.library.prefix { $0 != "," }
        print("\(report.processor); \(report.ranks) ranks, \(report.shards) shards; \(library)")
        for (name, value) in report.settings.sorted(by: { $0.key < $1.key }) { print("  \(name)=\(value)") }
        print("       KiB   ordered ms (min median max)   MPI_Allreduce ms (min median max)   ratio")
        for result in report.results {
            print(
                String(format: "%10d", result.bytes >> 10), spreadOf(result.ordered),
                spreadOf(result.allReduce) + "   ", spread(result.ratio))
        }
    }

    private func spreadOf(_ timings: Timings) -> String {
        String(
            format: "%11.3f %9.3f %9.3f", 1000 * timings.minimum, 1000 * timings.median, 1000 * timings.maximum)
    }
}
