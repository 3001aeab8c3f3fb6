import Foundation
import TestSupport
import Testing

/// Launch/lloyd --restarts, with a shell script in lloyd's place: `/bin/bash train ...` runs the file `train` of the folder.
@Suite(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .serialized)
struct SupervisionTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// Notes its arguments, and leaves a config as lloyd does.
    private static let preamble = """
        echo "$*" >>starts
        mkdir -p run/checkpoints
        echo $(wc -l <starts) of this run >run/config.yaml
        start=$(wc -l <starts)

        """

    private func launch(
        _ options: [String], _ words: [String] = [], program: String, environment: [String: String] = [:],
        timeout: Double = 60
    ) throws -> ChildProcess.Result {
        try scratch.write(program, to: "train")
        var variables = environment
        variables["LLOYD_PROGRAM"] = "/bin/bash"
        return try ChildProcess.run(
            LaunchScriptTests.root.appendingPathComponent("Launch/lloyd").path,
            arguments: options + ["train", "config.yaml", "--run", "run"] + words,
            environment: MPIRun.childEnvironment(adding: variables), folder: scratch.path, timeout: timeout)
    }

    private var starts: [String] {
        get throws { try scratch.text(of: "starts").split(separator: "\n").map(String.init) }
    }

    @Test func resumesUntilTheRunIsFinished() throws {
        let result = try launch(
            ["--ranks", "1", "--restarts", "5"], ["--overwrite"],
            program: Self.preamble
                + "touch run/checkpoints/step-$start; if [ $start = 3 ]; then exit 0; fi; kill -KILL $$")
        #expect(result.status == 0, "\(result)")
        #expect(
            try starts == [
                "config.yaml --run run --overwrite", "config.yaml --run run --resume", "config.yaml --run run --resume",
            ])
        #expect(result.standardError.contains("a rank was killed"), "\(result)")
        #expect(
            result.standardError.contains("restart 2 of 5 in 1 s, resuming run after checkpoints/step-2"), "\(result)")
    }

    @Test func givesUpWhenNothingNewIsLeft() throws {
        // A resume cuts metrics back and writes what is kept anew: neither is progress.
        let result = try launch(
            ["--ranks", "1", "--restarts", "9"],
            program: Self.preamble
                + "date >run/checkpoints/.step-$start; echo a >run/checkpoints/step-1; echo $start >>run/metrics.jsonl; exit 9"
        )
        #expect(result.status == 9, "\(result)")
        // The first start has left something.
        #expect(try starts.count == 4)
        #expect(result.standardError.contains("nothing new to go on from"), "\(result)")
        #expect(result.standardError.contains("restart 3 of 9 in 4 s"), "\(result)")
    }

    @Test func givesUpWhenTheRestartsAreUsedUp() throws {
        let result = try launch(
            ["--ranks", "1", "--restarts", "1"], program: Self.preamble + "touch run/checkpoints/step-$start; exit 9")
        #expect(result.status == 9, "\(result)")
        #expect(try starts.count == 2)
        #expect(result.standardError.contains("all 1 restarts are used up"), "\(result)")
    }

    @Test(arguments: [0, 2, 75])
    func endsWhereARestartWouldChangeNothing(status: Int32) throws {
        let result = try launch(["--ranks", "1", "--restarts", "3"], program: Self.preamble + "exit \(status)")
        #expect(result.status == status, "\(result)")
        #expect(try starts.count == 1)
    }

    /// A start that fails before it has made the folder its own leaves another run there.
    @Test func doesNotGoOnWithAnEarlierRun() throws {
        try scratch.write("method: rrq\n", to: "run/config.yaml")
        let result = try launch(
            ["--ranks", "1", "--restarts", "1"], ["--overwrite"], program: "echo \"$*\" >>starts; exit 1")
        #expect(result.status == 1, "\(result)")
        #expect(
            try starts == ["config.yaml --run run --overwrite", "config.yaml --run run --overwrite"], "\(result)")
        #expect(result.standardError.contains("from the beginning"), "\(result)")
    }

    /// Signals go to the whole process group here, as a terminal's do.
    @Test func aSignalIsNotFollowedByARestart() throws {
        let result = try launch(
            ["--ranks", "1", "--restarts", "3"], program: Self.preamble + "trap 'exit 1' USR1; sleep 20 & wait",
            timeout: 2)
        #expect(result.timedOut)
        #expect(result.status == 1, "\(result)")
        #expect(try starts.count == 1)
    }

    /// Nobody is there to write a checkpoint then, but there is a run to resume.
    @Test func aSignalBetweenTwoStartsEndsIt() throws {
        let program =
            Self.preamble + """
                if [ $start = 2 ]; then
                    (while kill -0 $$; do sleep 0.05; done; kill -TERM $PPID) 2>/dev/null &
                fi
                exit 1
                """
        let result = try launch(["--ranks", "1", "--restarts", "9"], program: program)
        #expect(result.status == 75, "\(result)")
        #expect(try starts.count == 2)
    }

    @Test func startsAllRanksAgainWhenOneWasKilled() throws {
        let program = """
            echo "$OMPI_COMM_WORLD_RANK $*" >>starts-$OMPI_COMM_WORLD_RANK
            if [ "$OMPI_COMM_WORLD_RANK" = 0 ]; then mkdir -p run; echo $$ >run/config.yaml; fi
            if [ -e once ]; then exit 0; fi
            if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then sleep 0.5; touch once; kill -KILL $$; fi
            sleep 20
            """
        let result = try launch(["--ranks", "2", "--oversubscribe", "--restarts", "2"], program: program)
        #expect(result.status == 0, "\(result)")
        #expect(result.seconds < 15, "\(result)")
        for rank in 0...1 {
            #expect(
                try scratch.text(of: "starts-\(rank)")
                    == "\(rank) config.yaml --run run\n\(rank) config.yaml --run run --resume\n")
        }
    }

    /// Two names of this machine, one of which stops answering.
    @Test func leavesOutMachinesThatDoNotAnswer() throws {
        try scratch.write("alpha slots=1\nbeta slots=1\n", to: "hosts")
        try scratch.write(
            "name=$1; shift; if [ -e \"\(scratch.path)/down-$name\" ]; then exit 255; fi; exec /bin/bash -c \"$*\"\n",
            to: "agent")
        let program = """
            if [ "$OMPI_COMM_WORLD_RANK" != 0 ]; then exec sleep 20; fi
            \(Self.preamble)
            echo $OMPI_COMM_WORLD_SIZE >>sizes
            if [ $start = 1 ]; then touch down-beta; exit 9; fi
            if [ $start = 2 ]; then touch down-alpha; exit 9; fi
            """
        let result = try launch(
            ["--hosts", "hosts", "--oversubscribe", "--restarts", "9"], program: program,
            environment: [
                "OMPI_MCA_plm_rsh_agent": "/bin/bash \(scratch / "agent")", "OMPI_MCA_plm_rsh_no_tree_spawn": "1",
            ])
        #expect(result.status == 205, "\(result)")
        #expect(try scratch.text(of: "sizes") == "2\n1\n", "\(result)")
        #expect(result.standardError.contains("warning: beta does not answer"), "\(result)")
        #expect(result.standardError.contains("none of the machines in hosts answers"), "\(result)")
        #expect(result.standardError.contains("nothing new to go on from"), "\(result)")
    }

    /// What a machine that is cut off would do to a run that goes on elsewhere.
    @Test func aCoordinatorEndsWhenItsRunGoesOnElsewhere() throws {
        let fence = try scratch.write("first\n", to: "fence")
        let rank = LaunchScriptTests.root.appendingPathComponent("Launch/rank").path
        func start(rank number: Int) throws -> ChildProcess.Result {
            try scratch.write("first\n", to: "fence")
            return try ChildProcess.run(
                "/bin/bash", arguments: ["-c", "(sleep 0.5; echo second >'\(fence)') & exec '\(rank)' sleep 4"],
                environment: MPIRun.childEnvironment(
                    adding: ["OMPI_COMM_WORLD_RANK": "\(number)", "LLOYD_FENCE": fence]))
        }
        #expect(try start(rank: 0).status == 137)
        #expect(try start(rank: 1).status == 0)
    }

    @Test func sweepsAwayWhatAJobHasLeft() throws {
        let rank = LaunchScriptTests.root.appendingPathComponent("Launch/rank").path
        let job = "test-\(UUID().uuidString)"
        let result = try ChildProcess.run(
            "/bin/bash",
            arguments: [
                "-c",
                """
                LLOYD_JOB=\(job) sleep 20 & mine=$!; LLOYD_JOB=\(job)2 sleep 2 & other=$!
                sleep 0.3; '\(rank)' --sweep \(job); wait $mine; echo $?; wait $other; echo $?
                """,
            ])
        #expect(result.standardOutput == "lloyd: swept\n137\n0\n", "\(result)")
    }

    /// As Open MPI's does now and then when a rank dies in its first moments: its dead child stays, and it waits for ever.
    @Test func doesNotWaitForAnMpirunThatHangsAfterItsRanks() throws {
        let result = try launch(
            ["--ranks", "2", "--oversubscribe"], program: "exit 0",
            environment: ["BASH_FUNC_mpirun%%": "() { sleep 0.2 & exec sleep 60; }"])
        #expect(result.status == 137 && result.seconds < 40, "\(result)")
        #expect(result.standardError.contains("mpirun hangs"), "\(result)")
    }

    @Test(arguments: ["some", "-1", ""])
    func refusesABadNumberOfRestarts(number: String) throws {
        let result = try launch(["--restarts", number], program: "exit 0")
        #expect(result.status == 2 && result.standardError.contains("--restarts"), "\(result)")
    }
}
