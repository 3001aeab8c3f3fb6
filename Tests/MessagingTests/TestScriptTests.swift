import Foundation
import TestSupport
import Testing

/// Launch/test, with a stand-in for `swift` that ends as it is told to: the last line and the exit code must say how.
@Suite struct TestScriptTests {
    /// Runs a copy of Launch/test; `swift test` becomes the given shell commands, in which $$ is the script. Nothing that
    /// was just written is executed: another test's child may still have it open.
    private func launch(_ commands: String, _ arguments: [String] = []) throws -> ChildProcess.Result {
        let scratch = try ScratchFolder()
        for name in ["test", "common.sh"] {
            let source = LaunchScriptTests.root.appendingPathComponent("Launch/\(name)")
            try scratch.write(Data(contentsOf: source), to: "Launch/\(name)")
        }
        for name in ["setup", "cluster-test", "check"] {
            try FileManager.default.createSymbolicLink(
                atPath: scratch / "Launch/\(name)", withDestinationPath: "/bin/true")
        }
        try FileManager.default.createDirectory(
            atPath: scratch / ".build/debug", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: scratch / ".build/debug/lloyd-bench", withDestinationPath: "/bin/true")
        var environment = MPIRun.childEnvironment()
        environment["BASH_FUNC_swift%%"] = "() { if [ \"$1\" = build ]; then return 0; fi\n\(commands)\n}"
        return try ChildProcess.run(
            "/bin/bash", arguments: [scratch / "Launch/test"] + arguments, environment: environment)
    }

    private func lastLine(_ result: ChildProcess.Result) -> String {
        String(result.standardOutput.split(separator: "\n").last ?? "")
    }

    @Test func saysThatAllPassed() throws {
        let result = try launch("exit 0")
        #expect(result.status == 0, "\(result)")
        #expect(lastLine(result).contains("all tests passed"), "\(result)")
    }

    @Test(arguments: [("exit 3", 3), ("kill -KILL $BASHPID", 137), ("exec sh -c 'kill -TERM $$'", 143)])
    func passesAFailureOn(commands: String, status: Int32) throws {
        let result = try launch(commands)
        #expect(result.status == status, "\(result)")
        #expect(lastLine(result).contains("FAILED with exit code \(status)"), "\(result)")
        #expect(!result.standardOutput.contains("passed"), "\(result)")
    }

    @Test func saysHowManyTestsWereSkippedAndWhy() throws {
        let none = try launch("echo '✔ Test a() passed after 0.1 seconds.'")
        #expect(none.standardOutput.contains("Launch/test: nothing was skipped\n"), "\(none)")
        let some = try launch(
            """
            echo '➜ Test a() skipped: "mpirun is not installed"'
            echo '➜ Test "b is said to be skipped" skipped: "there is no \\"numpy\\""'
            echo '➜ Suite C skipped: "mpirun is not installed"'
            echo '➜ Test d() skipped.'
            echo 'skipped link: it takes root'
            """)
        #expect(some.status == 0, "\(some)")
        for line in [
            "Launch/test: 5 skipped:", "    2: mpirun is not installed", "    1: no reason is given",
            "    1: link: it takes root", #"    1: there is no \"numpy\""#,
        ] {
            #expect(some.standardOutput.contains(line + "\n"), "\(line): \(some)")
        }
    }

    /// `swift test` itself ends with 0.
    @Test func aFilterThatNoTestMatchesIsAnError() throws {
        let none = try launch("echo '✔ Test run with 0 tests in 0 suites passed'", ["--filter", "NOTHING"])
        #expect(none.status == 1 && lastLine(none).contains("FAILED"), "\(none)")
        #expect(none.standardError.contains("no test matches: --filter NOTHING"), "\(none)")
        #expect(none.standardError.contains("Remedy"), "\(none)")
        let one = try launch("echo '✔ Test run with 1 test in 1 suite passed'", ["--filter", "One"])
        #expect(one.status == 0 && lastLine(one).contains("all tests passed"), "\(one)")
        let failed = try launch("echo 'Test run with 10 tests failed'; exit 3", ["--filter", "Ten"])
        #expect(failed.status == 3 && lastLine(failed).contains("FAILED with exit code 3"), "\(failed)")
    }

    /// Whatever the tests make of it themselves: some programs leave with 0.
    @Test(arguments: ["kill -TERM $$; sleep 3600", "trap 'exit 0' TERM; sleep 3600 & kill -TERM $$; wait"])
    func aSignalIsNoSuccess(commands: String) throws {
        let result = try launch(commands)
        #expect(result.status == 143, "\(result)")
        #expect(lastLine(result).contains("STOPPED by SIGTERM"), "\(result)")
        #expect(!result.standardOutput.contains("passed"), "\(result)")
    }
}
