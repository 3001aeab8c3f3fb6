import Foundation
import TestSupport
import Testing

/// Launch/lloyd, with MessagingCheck instead of lloyd.
@Suite(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .serialized)
struct LaunchScriptTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs `Launch/lloyd options train words` with bash as lloyd, so that `bash train words` runs the file `train`. Nothing
    /// that was just written is executed: another test's child may still have it open.
    private func launch(
        _ options: [String], _ words: [String] = [], subcommand: String = "train",
        interruption: ChildProcess.Interruption? = nil
    ) throws -> ChildProcess.Result {
        let scratch = try ScratchFolder()
        let check = try ProductsFolder.executable("MessagingCheck")
        try scratch.write("exec '\(check)' \"$@\"\n", to: "train")
        return try ChildProcess.run(
            Self.root.appendingPathComponent("Launch/lloyd").path, arguments: options + [subcommand] + words,
            environment: MPIRun.childEnvironment(adding: ["LLOYD_PROGRAM": "/bin/bash"]), folder: scratch.path,
            interruption: interruption)
    }

    @Test func startsTheRanksAskedFor() throws {
        let result = try launch(["--ranks", "3", "--oversubscribe"], ["checks"])
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("checks passed on 3 ranks"))
    }

    @Test func passesTheExitCodeAndTheMessageOn() throws {
        let result = try launch(["--ranks", "2", "--oversubscribe"], ["fail-all", "2"])
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.split(separator: "\n").count == 2, "\(result)")
    }

    @Test func explainsAKilledRank() throws {
        let result = try launch(["--ranks", "2", "--oversubscribe"], ["kill", "1"])
        #expect(result.status == 137, "\(result)")
        #expect(result.standardError.contains("a rank was killed"))
    }

    /// SIGTERM must reach the ranks as a request to write a checkpoint, not as their end.
    @Test func aTerminationSignalLetsTheRanksLeaveTogether() throws {
        let result = try launch(
            ["--ranks", "2", "--oversubscribe"], ["signal"],
            interruption: .init(SIGTERM) { $0.standardOutput.contains("waiting for a signal") })
        #expect(result.interrupted)
        #expect(result.status == 75, "\(result)")
    }

    /// A terminal that is closed sends SIGHUP to Launch/lloyd, whose messages then have nowhere to go.
    @Test(arguments: [["--ranks", "2", "--oversubscribe"], ["--ranks", "2", "--oversubscribe", "--restarts", "3"]])
    func aClosedTerminalLetsTheRanksLeaveTogether(options: [String]) throws {
        let scratch = try ScratchFolder()
        try scratch.write(
            """
            trap 'echo asked >>"asked-$OMPI_COMM_WORLD_RANK"; exit 75' USR1
            touch "ready-$OMPI_COMM_WORLD_RANK"
            for ((second = 0; second < 60; second++)); do sleep 1 & wait; done
            """, to: "train")
        try scratch.write(
            """
            mkfifo terminal
            cat terminal >/dev/null & reader=$!
            '\(Self.root.path)/Launch/lloyd' \(options.joined(separator: " ")) train >terminal 2>&1 & job=$!
            until [ -e ready-0 ] && [ -e ready-1 ]; do sleep 0.05; done
            kill -KILL $reader
            kill -HUP $job
            wait $job
            """, to: "terminal.sh")
        let result = try ChildProcess.run(
            "/bin/bash", arguments: ["terminal.sh"],
            environment: MPIRun.childEnvironment(adding: ["LLOYD_PROGRAM": "/bin/bash"]), folder: scratch.path)
        #expect(result.status == 75, "\(result)")
        for rank in 0...1 { #expect(try scratch.text(of: "asked-\(rank)") == "asked\n") }
    }

    @Test func refusesMoreRanksThanCoresUnlessAsked() throws {
        let result = try launch(["--ranks", "99999"], ["checks"])
        #expect(result.status == 2)
        #expect(result.standardError.contains("--oversubscribe"), "\(result)")
    }

    @Test func startsOtherSubcommandsWithoutMpirun() throws {
        let result = try launch(["--show"], subcommand: "doctor")
        #expect(result.status == 0, "\(result)")
        #expect(!result.standardOutput.contains("mpirun"))
    }

    @Test(arguments: [["--ranks", "none"], ["--ranks", "0"], ["--hosts", "/nowhere"], ["--bogus"]])
    func refusesBadUsage(options: [String]) throws {
        let result = try launch(options)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.contains("Remedy:"))
    }
}
