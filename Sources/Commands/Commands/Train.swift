import ArgumentParser
import Datasets
import Foundation
import Messaging
import MethodKit
import Numerics
import Training

struct Train: ParsableCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "Trains what a config describes, alone or under mpirun.",
        discussion: HelpText.discussion(
            .train,
            """
            The result has the same bytes for any number of ranks and threads. The coordinator (rank 0) writes the run \
            folder: resolved config, metrics, codebooks, report. SIGTERM, SIGINT, SIGHUP, SIGUSR1, --max-hours and \
            --max-steps stop all ranks after the same step, with a checkpoint and exit code 75; a second signal ends them \
            at once. --resume continues to the same bytes, on any number of ranks; data that have moved since are named \
            with --set data.path=PATH.

            The run folder must be empty, not there yet, or one that Lloyd has made (it holds .lloyd-run). Files that are \
            not the run's stay as they are.
            """,
            examples: [
                "lloyd train config.yaml --run runs/mine",
                "mpirun -n 4 lloyd train config.yaml --run runs/mine --resume",
                "mpirun -n 2 lloyd train config.yaml --set checkpoint.minutes=5 --max-hours 11.5",
            ]))

    @Argument(help: "A YAML file; `lloyd keys` lists what it may hold.")
    var config: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides a key of the config; may be given several times.", valueName: "key=value"))
    var settings: [String] = []

    @Option(name: .customLong("run"), help: "The run folder. (default: runs/ and the config's name)")
    var runFolder: String?

    @Option(help: "Threads of each rank.")
    var threads: Int = 1

    @Flag(help: "Continues an interrupted run in the run folder, from its newest whole checkpoint.")
    var resume = false

    @Option(help: ArgumentHelp("Stops after so many hours as a signal would, with exit code 75.", valueName: "hours"))
    var maxHours: Double?

    @Option(
        help: ArgumentHelp(
            "Stops after so many steps of this process as a signal would, with exit code 75.", valueName: "steps"))
    var maxSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Ends the job when a step takes longer, with exit code 1: for runs that something restarts. (default: only "
                + "says which rank the others wait for)", valueName: "seconds"))
    var stallLimit: Double?

    @Flag(
        help: "Replaces an earlier run in the run folder, which is moved aside until the new one has its first result.")
    var overwrite = false

    var dataNames: [String] { settings }

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        for (name, value) in [("--max-hours", maxHours), ("--stall-limit", stallLimit)] {
            if let value, !(value > 0 && value <= 1e6) {
                throw ValidationError("\(name) must be above 0, at most 1000000")
            }
        }
        if let maxSteps, maxSteps < 1 { throw ValidationError("--max-steps must be at least 1") }
        guard !(resume && overwrite) else { throw ValidationError("--resume and --overwrite exclude each other") }
    }

    func run() throws {
        let world = try MPIEnvironment.startIfLaunched()
        var activity: () -> String = { "reading the config" }
        let stopped = Job.run(world, context: activity()) {
            let config = try Config(file: self.config, settings: settings, schema: Methods.schema)
            StopSignals.install()
            try config.requireShards(forRanks: world.size)
            let method = try config.method.init(config)
            try method.requireWork(forRanks: world.size)
            let loop = try TrainingLoop(
                communicator: world, team: Team(threads: threads), shards: config[Keys.general.shards])
            activity = { loop.activity }
            let deadline = maxHours.map { ContinuousClock.now + .seconds(3600 * $0) }
            loop.stopRequested = { [unowned loop, maxSteps] in
                StopSignals.received || deadline.map { ContinuousClock.now >= $0 } ?? false
                    || maxSteps.map { loop.steps >= $0 } ?? false
            }
            var limits = Watchdog.Limits()
            limits.stall = stallLimit
            return try train(method, config, loop, limits) == .stopped
        }
        if stopped { throw ExitCode(75) }
    }

    private func train(
        _ method: some Method, _ config: Config, _ loop: TrainingLoop, _ limits: Watchdog.Limits
    ) throws -> TrainingLoop.Outcome {
        try TrainingSession(
            method, config: config, loop: loop, path: runFolder ?? defaultFolder, resuming: resume,
            replacing: overwrite, watchdog: limits
        ).run()
    }

    private var defaultFolder: String {
        "runs/" + ((config as NSString).lastPathComponent as NSString).deletingPathExtension
    }
}
