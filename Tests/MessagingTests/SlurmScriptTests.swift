import Foundation
import TestSupport
import Testing

/// Launch/slurm.sbatch, with shell functions instead of Slurm's srun and scontrol.
@Suite struct SlurmScriptTests {
    /// Runs the script as often as it puts its job back into the queue, ten times at most; gives the last result and the
    /// number of legs. `leg` is what srun does: bash, with the leg's number in $leg.
    private func submit(leg: String) throws -> (result: ChildProcess.Result, legs: Int, left: [String]) {
        let clone = try ScratchFolder()
        try FileManager.default.copyItem(atPath: LaunchScriptTests.root.path + "/Launch", toPath: clone / "Launch")
        var environment = MPIRun.childEnvironment(adding: [
            "LLOYD_PROGRAM": "/bin/bash", "SLURM_SUBMIT_DIR": clone.path, "SLURM_JOB_ID": "7",
            "BASH_FUNC_scontrol%%": "() { echo \"$*\" >>requeued; }",
            "BASH_FUNC_srun%%": """
            () {
                if [ "$1" = --mpi=list ]; then echo "MPI plugin types are... pmix"; return; fi
                leg=$SLURM_RESTART_COUNT
                mkdir -p run/checkpoints
                echo "$*" >>legs
                echo method >run/config.yaml
                \(leg)
            }
            """,
        ])
        for number in 0..<10 {
            environment["SLURM_RESTART_COUNT"] = "\(number)"
            try? FileManager.default.removeItem(atPath: clone / "requeued")
            let result = try ChildProcess.run(
                "/bin/bash", arguments: [clone / "Launch/slurm.sbatch", "config.yaml", "run"],
                environment: environment, folder: clone.path)
            if FileManager.default.fileExists(atPath: clone / "requeued") {
                #expect(try clone.text(of: "requeued") == "requeue 7\n")
                continue
            }
            let legs = try clone.text(of: "legs").split(separator: "\n").map(String.init)
            #expect(legs.first?.hasSuffix("train config.yaml --run run") == true, "\(legs)")
            #expect(legs.dropFirst().allSatisfy { $0.hasSuffix("train config.yaml --run run --resume") }, "\(legs)")
            let left = try FileManager.default.contentsOfDirectory(atPath: clone.path).filter { $0.hasPrefix("lloyd-") }
            return (result, legs.count, left)
        }
        Issue.record("ten legs, and no end")
        return (try ChildProcess.run("/bin/true"), 10, [])
    }

    @Test func comesBackAsLongAsThereIsProgress() throws {
        let (result, legs, left) = try submit(
            leg: "echo $leg >run/checkpoints/checkpoint-$leg; if [ $leg = 5 ]; then return 0; fi; return 75")
        #expect(result.status == 0 && legs == 6 && left.isEmpty, "\(result) after \(legs) legs, left \(left)")
    }

    /// The same checkpoint under another number is nothing new; Lloyd keeps two.
    @Test func givesUpAfterThreeLegsThatLeaveNothingNew() throws {
        let (result, legs, left) = try submit(
            leg: "echo same >run/checkpoints/checkpoint-$leg; rm -f run/checkpoints/checkpoint-$((leg - 2)); return 75")
        // The second leg has left a second file.
        #expect(result.status == 75 && legs == 5 && left.isEmpty, "\(result) after \(legs) legs, left \(left)")
        #expect(result.standardError.contains("3 legs in a row have left nothing new in run"), "\(result)")
        #expect(result.standardError.contains("Remedy:"), "\(result)")
    }

    @Test func aLegWithSomethingNewStartsTheCountAgain() throws {
        let (result, legs, _) = try submit(
            leg: "if [ $leg = 0 ] || [ $leg = 2 ]; then echo $leg >run/checkpoints/checkpoint-$leg; fi; return 75")
        #expect(result.status == 75 && legs == 6, "\(result) after \(legs) legs")
    }

    @Test(arguments: [0, 2, 9]) func doesNotComeBackAfterAnEnd(status: Int32) throws {
        let (result, legs, left) = try submit(leg: "return \(status)")
        #expect(result.status == status && legs == 1 && left.isEmpty, "\(result)")
    }
}
