import ArgumentParser
import Foundation
import Messaging
import MethodKit
import Numerics
import Training

struct PlanCommand: PrintingCommand, DataNaming {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Says what a run will take before it is launched: memory, operations, bytes between ranks, time.",
        discussion: HelpText.discussion(
            .plan,
            """
            Opens the data (headers, and up to --sample items), measures this machine's kernels at the run's shapes \
            for a few seconds, and adds up. Start it on a machine like those of the run, with OMP_NUM_THREADS=1 as \
            runs have it. Exit code 1 if the run cannot work: more ranks than shards, too few training items, or \
            more memory than there is.
            """,
            examples: [
                "lloyd plan config.yaml --ranks 8 --machines 2 --threads 2 --json plan.json"
            ]))

    @Argument(help: "A YAML file; `lloyd keys` lists what it may hold.")
    var config: String

    @Option(help: "Ranks of the run.")
    var ranks: Int = 1

    @Option(help: "Threads of each rank.")
    var threads: Int = 1

    @Option(help: "Machines that the ranks are spread over, each like this one.")
    var machines: Int = 1

    @Option(help: ArgumentHelp("Speed of each machine's network port.", valueName: "Gbit/s"))
    var network: Double = 10

    @Option(help: "Most data items that are read.")
    var sample: Int = 200

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides a key of the config; may be given several times.", valueName: "key=value"))
    var settings: [String] = []

    @Option(name: .customLong("json"), help: ArgumentHelp("Writes the plan with every layer.", valueName: "file"))
    var json: String?

    var dataNames: [String] { settings }

    func validate() throws {
        guard ranks >= 1, ranks <= 65536 else { throw ValidationError("--ranks must be from 1 to 65536") }
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        guard machines >= 1, machines <= 65536 else { throw ValidationError("--machines must be from 1 to 65536") }
        guard network.isFinite, network > 0 else { throw ValidationError("--network must be above 0 Gbit/s") }
        guard sample >= 2, sample <= 100_000 else { throw ValidationError("--sample must be from 2 to 100000") }
    }

    /// What --json has.
    private struct Report: Encodable {
        var config: String
        var plan: Plan
        var operations: Double
        var exchangedBytes: Double
        var seconds: Double
        var peakBytes: Double
        var machineMemory: Int?
        var machineCores: Double
        var limits: PlanLimits
        var rates: MachineRates
        var fits: Bool
    }

    func run() throws {
        var fits = true
        try Failure.reported { fits = try planned() }
        if !fits { throw ExitCode(1) }
    }

    /// Prints the plan; returns whether the run fits into memory.
    private func planned() throws -> Bool {
        try Outputs.check([json], inputs: [self.config])
        let config = try Config(file: self.config, settings: settings, schema: Methods.schema)
        let machine = Machine()
        func layout(_ ranks: Int) throws -> RankLayout {
            try RankLayout(
                ranks: ranks, threads: threads, machines: machines, shards: config[Keys.general.shards],
                cores: machine.cores, network: network * 1e9 / 8)
        }
        let asked = try layout(ranks)
        // This program as it stands, and what an MPI library adds to each of its processes.
        let base = Double(ProcessMemory.residentBytes) + (ranks > 1 ? Self.mpiBytes : 0)
        let method = try config.method.init(config)
        try method.requireWork(forRanks: ranks)
        let planner = try method.planner(PlanRequest(baseBytes: base, sample: sample))
        let plan = planner.plan(asked)
        // The most ranks that get a share of every step.
        let shares = planner.mostRanks ?? config[Keys.general.shards]
        let limits = try PlanLimits(
            shards: shares, cores: machine.cores, memory: machine.memory, threads: threads,
            machines: machines
        ) { try planner.peakBytes(layout($0)) }
        let needed = plan.peakBytes * Double(plan.ranksPerMachine)
        let fits = machine.memory.map { needed <= Double($0) } ?? true
        PlanText(
            plan: plan, words: planner.words, limits: limits, machine: machine, rates: planner.rates, network: network
        ).show()
        if let json {
            try JSONOutput.write(
                Report(
                    config: config.yaml, plan: plan, operations: plan.operations, exchangedBytes: plan.exchangedBytes,
                    seconds: plan.seconds, peakBytes: plan.peakBytes, machineMemory: machine.memory,
                    machineCores: machine.cores, limits: limits, rates: planner.rates, fits: fits), to: json)
        }
        return fits
    }

    /// Memory that Open MPI 4.1 adds to a rank.
    private static let mpiBytes = 20e6
}
