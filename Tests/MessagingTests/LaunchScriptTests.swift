import Foundation
import TestSupport
import Testing

/// Launch/lloyd, with MessagingCheck in lloyd's place.
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

    @Test func countsTheSlotsOfAHostFile() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("# two machines\nnode01 slots=4\nnode02 slots=3 # a small one\n", to: "hosts")
        let all = try launch(["--show", "--hosts", file])
        #expect(all.standardOutput.contains(" -n 7 "), "\(all)")
        let pairs = try launch(["--show", "--hosts", file, "--threads", "2"])
        #expect(pairs.standardOutput.contains(" -n 3 "), "\(pairs)")
        let tooMany = try launch(["--hosts", file, "--ranks", "8"])
        #expect(tooMany.status == 2 && tooMany.standardError.contains("take 7"), "\(tooMany)")
        try folder.write("node01\n", to: "hosts")
        let unsized = try launch(["--hosts", file])
        #expect(unsized.status == 2 && unsized.standardError.contains("node01 has no slots"), "\(unsized)")
    }

    @Test(arguments: [["--ranks", "none"], ["--ranks", "0"], ["--hosts", "/nowhere"], ["--bogus"]])
    func refusesBadUsage(options: [String]) throws {
        let result = try launch(options)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.contains("Remedy:"))
    }
}
