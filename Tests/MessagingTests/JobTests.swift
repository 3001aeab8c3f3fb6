import Foundation
import TestSupport
import Testing

@testable import Messaging

@Suite struct JobTests {
    struct BadConfig: Error, ExitCoded, Hinted, CustomStringConvertible {
        let exitCode: Int32
        var description: String { "faces.yaml: layers: 0 is too few" }
        var hint: String? { "at least 1" }
    }

    struct Localized: LocalizedError { var errorDescription: String? { "in its own words" } }

    @Test func namesRankHostContextAndHint() {
        let text = Job.message(
            for: BadConfig(exitCode: 2), rank: 2, size: 4, host: "node17", context: "reading the config")
        #expect(
            text == """
                rank 2 of 4 on node17: while reading the config: faces.yaml: layers: 0 is too few
                  hint: at least 1

                """)
    }

    @Test func aloneItNamesNoRank() {
        let text = Job.message(for: Localized(), rank: 0, size: 1, host: "here", context: "reading")
        #expect(text == "error: while reading: in its own words\n")
    }

    @Test func foundationErrorsReadAsText() {
        do {
            _ = try Data(contentsOf: URL(fileURLWithPath: "/nowhere/at/all"))
            Issue.record("read a file that is not there")
        } catch {
            #expect(!Job.describe(error).contains("Error Domain="), "\(Job.describe(error))")
            #expect(!Job.describe(error).isEmpty)
        }
    }

    @Test func exitCodes() {
        #expect(Job.exitCode(of: BadConfig(exitCode: 2)) == 2)
        #expect(Job.exitCode(of: BadConfig(exitCode: 0)) == 1)
        #expect(Job.exitCode(of: Localized()) == 1)
    }

    @Test func returnsWhatTheBodyReturns() {
        #expect(Job.run(SingleCommunicator(), context: "adding") { 1 + 1 } == 2)
    }

    @Test func anUncaughtErrorAbortsTheGroup() throws {
        let error = #expect(throws: JobAborted.self) {
            try InProcessCommunicator.run(size: 2) { world in
                Job.run(world, context: "testing") {
                    if world.rank == 0 { throw BadConfig(exitCode: 2) }
                    try world.barrier()
                }
            }
        }
        #expect(error?.rank == 0)
        #expect(error?.exitCode == 2)
    }
}

@Suite struct ChildProcessTests {
    @Test func theTimeLimitEndsAProgram() throws {
        let hung = #expect(throws: ChildProcess.Hung.self) {
            try ChildProcess.run("/bin/sleep", arguments: ["3600"], timeout: 0.1)
        }
        #expect(hung?.result.status == 128 + SIGTERM)
        #expect(hung?.description.hasPrefix("/bin/sleep 3600 hangs") == true)
    }

    @Test func aProgramThatIgnoresSIGTERMIsKilled() throws {
        // How long a shell takes to reach its trap is not known.
        for limit in [0.3, 3, 30, 300] {
            let hung = #expect(throws: ChildProcess.Hung.self) {
                try ChildProcess.run(
                    "/bin/sh", arguments: ["-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"],
                    timeout: limit)
            }
            guard let result = hung?.result, result.standardOutput == "ready\n" else { continue }
            #expect(result.status == 128 + SIGKILL)
            return
        }
        Issue.record("the shell never came to its trap")
    }

    @Test func aSignalComesAfterItsEvent() throws {
        let result = try ChildProcess.run(
            "/bin/sh", arguments: ["-c", "trap 'echo asked; exit 7' USR1; echo ready >&2; sleep 3600 & wait"],
            interruption: .init(SIGUSR1) { $0.standardError == "ready\n" })
        #expect(result.interrupted && result.status == 7 && result.standardOutput == "asked\n", "\(result)")
        let over = try ChildProcess.run(
            "/bin/sh", arguments: ["-c", "exit 3"], interruption: .init(SIGKILL) { _ in false })
        #expect(!over.interrupted && over.status == 3, "\(over)")
    }

    @Test func keepsOutputAndStatus() throws {
        let result = try ChildProcess.run(
            "/bin/sh", arguments: ["-c", "pwd; echo $WORD >&2; exit 3"], environment: ["WORD": "hello"], folder: "/usr")
        #expect(result.status == 3)
        #expect(result.standardOutput == "/usr\n")
        #expect(result.standardError == "hello\n")
    }

    @Test func aMissingProgramIsAnError() {
        #expect(throws: ChildProcess.CannotStart.self) { try ChildProcess.run("/nowhere/program") }
    }

    /// Whatever an MPI left in the environment would mislead a nested mpirun.
    @Test func childrenGetACleanEnvironment() {
        let environment = MPIRun.childEnvironment(
            from: ["PMIX_LLOYD_TEST": "1", "OMPI_ALLOW_LLOYD_TEST": "1", "PATH": "/bin"], adding: ["EXTRA": "yes"])
        #expect(environment["PMIX_LLOYD_TEST"] == nil)
        #expect(environment["OMPI_ALLOW_LLOYD_TEST"] == "1")
        #expect(environment["PATH"] == "/bin")
        #expect(environment["EXTRA"] == "yes")
        #expect(environment["OMP_NUM_THREADS"] == "1")
    }
}
