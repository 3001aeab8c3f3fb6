import ArgumentParser
import Foundation
import Messaging
import MethodKit
import Numerics

struct Doctor: PrintingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a run will use here: processor, memory, libraries, MPI, speed; and what is amiss.",
        discussion: """
            Under mpirun all ranks test themselves at once, as they will share the machine in a run, and the \
            coordinator prints a line for each.

            Examples:
              lloyd doctor
              mpirun -n 4 lloyd doctor
              lloyd doctor --json doctor.json
            """)

    @Option(name: .customLong("json"), help: ArgumentHelp("Writes all of it.", valueName: "file"))
    var json: String?

    /// Everything, as --json has it.
    private struct Report: Encodable {
        var program: ProgramDiagnosis
        var ranks: [RankDiagnosis]
        var findings: [Finding]
    }

    func run() throws {
        var world: (any Communicator)?
        try Failure.reported { world = try MPIEnvironment.startIfLaunched() }
        guard let world else { return }
        Job.run(world, context: "looking at the machine") {
            try world.barrier()
            let mine = RankDiagnosis(world, rates: MachineRates.measure())
            let ranks = try mine.gathered(over: world)
            guard world.rank == 0 else { return }
            let program = ProgramDiagnosis(version: LloydProgram.configuration.version, ranks: world.size)
            let findings = Finding.all(about: program, ranks: ranks)
            show(program, ranks, findings)
            if let json {
                try JSONOutput.write(Report(program: program, ranks: ranks, findings: findings), to: json)
            }
        }
    }

    private func show(_ program: ProgramDiagnosis, _ ranks: [RankDiagnosis], _ findings: [Finding]) {
        let mine = ranks[0]
        func set(_ name: String) -> String { program.environment[name] ?? "not set" }
        var table = TextTable()
        table.rows = [
            ["Lloyd", program.version + (program.isDebugBuild ? " (debug build)" : "")],
            ["compiled for", program.compiledLevelName],
            ["processor", "\(mine.processor), \(mine.levelName)"],
            ["cores", coresText(mine)],
            ["memory", mine.memory.map { ByteText.text($0) } ?? "unknown"],
            ["huge pages", mine.hugePages ?? "unknown"],
            ["matrix products", "\(program.productLibrary), \(mine.productInstructions)"],
            ["LAPACK, BLAS", program.algebraLibraries.first ?? "none found"],
        ]
        table.rows += program.algebraLibraries.dropFirst().map { ["", $0] }
        table.rows += [
            ["MPI", "\(program.mpi) (MPI \(program.mpiStandard))"],
            [
                "started by",
                program.isLaunchedByMPI
                    ? "MPI, \(program.ranks) rank\(program.ranks == 1 ? "" : "s")"
                    : "no launcher: one rank without "
                        + "MPI",
            ],
            ["OMP_NUM_THREADS", set("OMP_NUM_THREADS")],
            ["OPENBLAS_NUM_THREADS", set("OPENBLAS_NUM_THREADS")],
            ["rsvg-convert", program.rasterizer ?? "not installed"],
        ]
        print(table.text)
        print("Speed of one core" + (ranks.count > 1 ? ", all ranks at once" : ""))
        print(speeds(ranks).text)
        if findings.isEmpty { return print("no problems found") }
        print("\(findings.count) warning\(findings.count == 1 ? "" : "s")")
        for finding in findings { print("  \(finding.problem)\n    Remedy: \(finding.remedy)") }
    }

    private func coresText(_ rank: RankDiagnosis) -> String {
        let all = "\(rank.boundTo.count) usable"
        guard rank.cores < Double(rank.boundTo.count) else { return all }
        return String(format: "%.1f by the container's quota, of ", rank.cores) + all
    }

    private func speeds(_ ranks: [RankDiagnosis]) -> TextTable {
        var table = TextTable(rightAligned: [0, 2, 3, 4, 5])
        table.rows = [["rank", "host", "cores", "product GFLOP/s", "codeword search GFLOP/s", "memory GB/s"]]
        table.rows += ranks.map { rank in
            [rank.rates.product, rank.rates.search, rank.rates.memory].map { String(format: "%.0f", $0 / 1e9) }
        }.enumerated().map { index, numbers in
            ["\(ranks[index].rank)", ranks[index].host, "\(ranks[index].boundTo.count)"] + numbers
        }
        return table
    }
}
