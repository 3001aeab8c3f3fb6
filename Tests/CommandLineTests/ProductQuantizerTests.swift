import Foundation
import TestSupport
import Testing

/// A method that lies in one folder, and is named in one line: everything else it gets for nothing.
@Suite struct ProductQuantizerTests {
    private static let config = """
        method: pq
        title: "parts"
        shards: 6
        data: {source: gaussian, count: 300, dimension: 12, decay: 0.2}
        pq: {parts: 3, codewords: 8, iterations: 6}
        checkpoint: {steps: 2}
        """

    private func run(_ arguments: [String], ranks: Int? = nil, _ folder: ScratchFolder) throws -> ChildProcess.Result {
        let path = try ProductsFolder.executable("ProductQuantizer")
        guard let ranks else {
            return try ChildProcess.run(
                path, arguments: arguments, environment: MPIRun.childEnvironment(), folder: folder.path)
        }
        return try MPIRun.run(executable: path, ranks: ranks, arguments: arguments, folder: folder.path)
    }

    @Test func itsKeysHaveHelpAndRows() throws {
        try ScratchFolder.with { folder in
            let help = try run(["keys"], folder)
            #expect(help.status == 0 && help.standardOutput.contains("pq.codewords\n    K of each part."))
            #expect(!help.standardOutput.contains("rrq."))
            let rows = try run(["keys", "--markdown"], folder)
            #expect(rows.standardOutput.contains("| `pq.parts` | an integer from 1 to 1024 | `4` | Parts of a vector."))
        }
    }

    @Test func faultsNameTheKeyAndTheMethodMeant() throws {
        try ScratchFolder.with { folder in
            let path = try folder.write("method: pg\n", to: "pg.yaml")
            let unknown = try run(["train", path], folder)
            #expect(unknown.status == 2 && unknown.standardError.contains("`pq`"), "\(unknown)")
            let config = try folder.write(Self.config, to: "pq.yaml")
            let parts = try run(["train", config, "--set", "pq.parts=13"], folder)
            #expect(parts.status == 2 && parts.standardError.contains("`pq.parts`"), "\(parts)")
            let key = try run(["train", config, "--set", "pq.part=3"], folder)
            #expect(key.status == 2 && key.standardError.contains("did you mean `pq.parts`"), "\(key)")
        }
    }

    @Test func itIsPlanned() throws {
        try ScratchFolder.with { folder in
            let config = try folder.write(Self.config, to: "pq.yaml")
            let plan = try run(["plan", config, "--ranks", "3"], folder)
            #expect(plan.status == 0 && plan.standardOutput.contains("Plan: pq, 300 training"), "\(plan)")
            #expect(plan.standardOutput.contains("assign"))
        }
    }

    @Test func anyRanksAndAResumptionGiveTheSameBytes() throws {
        try ScratchFolder.with { folder in
            let config = try folder.write(Self.config, to: "pq.yaml")
            let one = try run(["train", config, "--run", "one"], folder)
            #expect(one.status == 0, "\(one)")
            #expect(try folder.files(below: "one/codebooks").count == 3)
            #expect(try folder.text(of: "one/report/index.html").contains("Squared error of each part"))
            let wanted = try LloydProgram.results(folder, "one")
            for (ranks, threads, name) in [(3, 1, "three"), (1, 2, "threads")] {
                let again = try run(
                    ["train", config, "--run", name, "--threads", "\(threads)"], ranks: ranks, folder)
                #expect(again.status == 0, "\(again)")
                let found = try LloydProgram.results(folder, name)
                #expect(found.filter { !$0.key.hasPrefix(".") } == wanted.filter { !$0.key.hasPrefix(".") }, "\(name)")
            }
            // In its second part, between two checkpoints.
            let stopped = try run(["train", config, "--run", "resumed", "--max-steps", "9"], folder)
            #expect(stopped.status == 75, "\(stopped)")
            let resumed = try run(["train", config, "--run", "resumed", "--resume"], ranks: 3, folder)
            #expect(resumed.status == 0 && resumed.standardOutput.contains("Resuming after"), "\(resumed)")
            let found = try LloydProgram.results(folder, "resumed")
            #expect(found.filter { !$0.key.hasPrefix(".") } == wanted.filter { !$0.key.hasPrefix(".") })

            let compared = try run(["compare", "one", "three", "--out", "both"], folder)
            #expect(compared.status == 0, "\(compared)")
            #expect(try folder.text(of: "both/index.html").contains("Product quantizers"))
        }
    }
}
