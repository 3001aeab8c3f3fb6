import Foundation
import MethodKit
import TestSupport
import Testing

@testable import Commands

@Suite(.serialized, .timeLimit(.minutes(10))) struct UsageTests {
    @Test(arguments: [["--help"], ["train", "--help"], ["keys", "--help"], ["help", "train"]])
    func helpIsNoError(arguments: [String]) throws {
        let result = try LloydProgram.run(arguments)
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("USAGE"))
        #expect(result.standardError.isEmpty)
    }

    @Test func helpShowsExamples() throws {
        #expect(try LloydProgram.run(["--help"]).standardOutput.contains("mpirun -n 4 lloyd train"))
        let train = try LloydProgram.run(["train", "--help"]).standardOutput
        for option in ["--set", "--run", "--resume", "--threads", "--overwrite"] { #expect(train.contains(option)) }
    }

    @Test func theVersionIsPrinted() throws {
        let result = try LloydProgram.run(["--version"])
        #expect(result.status == 0 && result.standardOutput.contains("."))
    }

    @Test(arguments: [
        ["train"], ["fly"], ["train", "a.yaml", "--nonsense"], ["train", "a.yaml", "--threads", "0"],
        ["train", "a.yaml", "--threads", "x"], ["train", "a.yaml", "--resume", "--overwrite"], ["train", "a", "b"],
        ["train", "a.yaml", "--set"],
    ])
    func badUsageEndsWithTwo(arguments: [String]) throws {
        let result = try LloydProgram.run(arguments)
        #expect(result.status == 2, "\(result)")
        #expect(!result.standardError.isEmpty && result.standardOutput.isEmpty)
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func badUsageIsSaidOnceUnderMPI() throws {
        let result = try LloydProgram.run(["train", "a.yaml", "--nonsense"], ranks: 3)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.components(separatedBy: "--nonsense").count - 1 >= 1)
        #expect(result.standardError.components(separatedBy: "Usage:").count - 1 == 1, "\(result)")
    }

    @Test func keysListsTheWholeSchema() throws {
        for arguments in [["keys"], ["keys", "--markdown"]] {
            let result = try LloydProgram.run(arguments)
            #expect(result.status == 0)
            for key in Methods.schema.keys { #expect(result.standardOutput.contains(key.path)) }
        }
    }
}
