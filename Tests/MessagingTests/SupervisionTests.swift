import Foundation
import TestSupport
import Testing

/// Launch/lloyd --restarts, with a shell script instead of lloyd: `/bin/bash train ...` runs the file `train` of the folder.
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
        clone: String = LaunchScriptTests.root.path, interruption: ChildProcess.Interruption? = nil
    ) throws -> ChildProcess.Result {
        try scratch.write(program, to: "train")
        var variables = environment
        variables["LLOYD_PROGRAM"] = "/bin/bash"
        return try ChildProcess.run(
            clone + "/Launch/lloyd",
            arguments: options + ["train", "config.yaml", "--run", "run"] + words,
            environment: MPIRun.childEnvironment(adding: variables), folder: scratch.path,
            interruption: interruption)
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
        // A resume shortens the metrics and writes again what is kept: neither is progress.
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
            ["--ranks", "1", "--restarts", "3"],
            program: Self.preamble + "trap 'exit 1' USR1; sleep 3600 & echo ready; wait",
            interruption: .init(SIGTERM) { $0.standardOutput.contains("ready") })
        #expect(result.interrupted)
        #expect(result.status == 1, "\(result)")
        #expect(try starts.count == 1)
    }

    /// Nobody is there to write a checkpoint then, but there is a run to resume.
    @Test func aSignalBetweenTwoStartsEndsIt() throws {
        let result = try launch(
            ["--ranks", "1", "--restarts", "9"], program: Self.preamble + "exit 1",
            interruption: .init(SIGTERM) { $0.standardError.contains("restart 2 of 9 in 2 s") })
        #expect(result.interrupted && result.status == 75, "\(result)")
        #expect(try starts.count == 2)
    }

    @Test func startsAllRanksAgainWhenOneWasKilled() throws {
        let program = """
            echo "$OMPI_COMM_WORLD_RANK $*" >>starts-$OMPI_COMM_WORLD_RANK
            if [ -e once ]; then exit 0; fi
            if [ "$OMPI_COMM_WORLD_RANK" = 0 ]; then mkdir -p run; echo $$ >run/config.yaml; exec sleep 3600; fi
            until [ -s run/config.yaml ]; do sleep 0.05; done
            touch once
            kill -KILL $$
            """
        let result = try launch(["--ranks", "2", "--oversubscribe", "--restarts", "2"], program: program)
        #expect(result.status == 0, "\(result)")
        for rank in 0...1 {
            #expect(
                try scratch.text(of: "starts-\(rank)")
                    == "\(rank) config.yaml --run run\n\(rank) config.yaml --run run --resume\n")
        }
    }

    /// Two names of this machine, one of which stops answering. The clone's path has what a shell takes for its own.
    @Test func leavesOutMachinesThatDoNotAnswer() throws {
        let clone = scratch / "a clone's $HOME; path"
        try FileManager.default.createDirectory(atPath: clone, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: LaunchScriptTests.root.path + "/Launch", toPath: clone + "/Launch")
        try scratch.write("alpha slots=1\nbeta slots=1\n", to: "hosts")
        try scratch.write(
            "name=$1; shift; if [ -e \"\(scratch.path)/down-$name\" ]; then exit 255; fi; exec /bin/bash -c \"$*\"\n",
            to: "agent")
        let program = """
            if [ "$OMPI_COMM_WORLD_RANK" != 0 ]; then exec sleep 3600; fi
            \(Self.preamble)
            echo $OMPI_COMM_WORLD_SIZE >>sizes
            if [ $start = 1 ]; then touch down-beta; exit 9; fi
            if [ $start = 2 ]; then touch down-alpha; exit 9; fi
            """
        let result = try launch(
            ["--hosts", "hosts", "--oversubscribe", "--restarts", "9"], program: program,
            environment: [
                "OMPI_MCA_plm_rsh_agent": "/bin/bash \(scratch / "agent")", "OMPI_MCA_plm_rsh_no_tree_spawn": "1",
                "PRTE_MCA_plm_ssh_agent": "/bin/bash \(scratch / "agent")", "PRTE_MCA_plm_ssh_no_tree_spawn": "1",
            ], clone: clone)
        #expect(result.status == 205, "\(result)")
        #expect(try scratch.text(of: "sizes") == "2\n1\n", "\(result)")
        #expect(result.standardError.contains("warning: beta does not answer"), "\(result)")
        #expect(result.standardError.contains("none of the machines in hosts answers"), "\(result)")
        #expect(result.standardError.contains("nothing new to go on from"), "\(result)")
    }

    /// What a machine that is cut off could do to a run that continues elsewhere.
    @Test func aCoordinatorEndsWhenItsRunGoesOnElsewhere() throws {
        let fence = try scratch.write("first\n", to: "fence")
        let rank = LaunchScriptTests.root.appendingPathComponent("Launch/rank").path
        // The program itself changes the fence: Launch/rank has read it by then. The coordinator must not outlive that;
        // three seconds are three looks.
        func start(rank number: Int, seconds: Int) throws -> ChildProcess.Result {
            try scratch.write("first\n", to: "fence")
            return try ChildProcess.run(
                rank, arguments: ["/bin/sh", "-c", "echo second >'\(fence)'; exec sleep \(seconds)"],
                environment: MPIRun.childEnvironment(
                    adding: ["OMPI_COMM_WORLD_RANK": "\(number)", "LLOYD_FENCE": fence]))
        }
        #expect(try start(rank: 0, seconds: 3600).status == 137)
        #expect(try start(rank: 1, seconds: 3).status == 0)
    }

    @Test func sweepsAwayWhatAJobHasLeft() throws {
        let rank = LaunchScriptTests.root.appendingPathComponent("Launch/rank").path
        let job = "test-\(UUID().uuidString)"
        let result = try ChildProcess.run(
            "/bin/bash",
            arguments: [
                "-c",
                """
                LLOYD_JOB=\(job) sleep 3600 & mine=$!; LLOYD_JOB=\(job)2 sleep 3600 & other=$!
                for pid in $mine $other; do
                    until grep -qz "^LLOYD_JOB=\(job)" /proc/$pid/environ; do sleep 0.05; done
                done
                '\(rank)' --sweep \(job); wait $mine; echo $?
                kill -TERM $other; wait $other; echo $?
                """,
            ])
        #expect(result.standardOutput == "lloyd: swept\n137\n143\n", "\(result)")
    }

    /// As Open MPI's launcher does at times if a rank dies in its first moments: it never notices its dead child.
    @Test func doesNotWaitForAnMpirunThatHangsAfterItsRanks() throws {
        let result = try launch(
            ["--ranks", "2", "--oversubscribe"], program: "exit 0",
            environment: [
                "BASH_FUNC_mpirun%%": """
                () {
                    if [ "$1" = --version ]; then echo "mpirun (Open MPI) 4.1.4"; return; fi
                    sleep 0.2 & exec sleep 3600
                }
                """
            ])
        #expect(result.status == 137, "\(result)")
        #expect(result.standardError.contains("mpirun hangs"), "\(result)")
    }

    @Test(arguments: ["some", "-1", ""])
    func refusesABadNumberOfRestarts(number: String) throws {
        let result = try launch(["--restarts", number], program: "exit 0")
        #expect(result.status == 2 && result.standardError.contains("--restarts"), "\(result)")
    }
}
