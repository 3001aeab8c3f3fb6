import Foundation
import TestSupport
import Testing

@testable import Messaging

@Suite(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .serialized)
struct MPITests {
    private func check(_ arguments: String..., ranks: Int) throws -> ChildProcess.Result {
        try MPIRun.run(
            executable: ProductsFolder.executable("MessagingCheck"), ranks: ranks, arguments: arguments)
    }

    @Test(arguments: [1, 2, 3, 4])
    func everyCheckPasses(ranks: Int) throws {
        let result = try check("checks", ranks: ranks)
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("\(CommunicatorChecks.all.count) checks passed on \(ranks) ranks"))
    }

    /// The path beyond 32-bit counts, with small limits instead.
    @Test(arguments: [(2, 1), (2, 7), (3, 7), (4, 1000)])
    func everyCheckPassesInPieces(ranks: Int, limit: Int) throws {
        let result = try check("large", "\(limit)", ranks: ranks)
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("checks passed on \(ranks) ranks"))
    }

    @Test func startsAloneWithoutMpirun() throws {
        for what in ["singleton", "checks"] {
            let result = try ChildProcess.run(
                ProductsFolder.executable("MessagingCheck"), arguments: [what],
                environment: MPIRun.childEnvironment())
            #expect(result.status == 0, "\(result)")
            #expect(result.standardOutput.contains("checks passed on 1 ranks"))
        }
    }

    @Test func anErrorOnOneRankEndsTheJob() throws {
        let result = try check("fail", "1", "3", ranks: 3)
        #expect(result.status == 3, "\(result)")
        #expect(result.standardError.contains("rank 1 of 3 on "))
        #expect(result.standardError.contains(": while checking fail: a planned error\n  hint: nothing is wrong\n"))
        #expect(!result.standardError.contains("rank 0 of") && !result.standardError.contains("rank 2 of"))
    }

    @Test func anErrorOfAllRanksIsReportedOnce() throws {
        let result = try check("fail-all", "2", ranks: 4)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.components(separatedBy: "a planned error").count == 2, "\(result)")
        #expect(result.standardError.contains("rank 0 of 4"))
    }

    @Test func aKilledRankEndsTheJob() throws {
        let result = try check("kill", "1", ranks: 3)
        #expect(result.status == 128 + SIGKILL, "\(result)")
    }

    @Test func anAgreedExitCodeIsPassedOn() throws {
        let result = try check("exit", "75", ranks: 2)
        #expect(result.status == 75, "\(result)")
        #expect(result.standardError.isEmpty, "\(result)")
    }

    @Test func aDroppedTransferIsAnError() throws {
        let result = try check("drop", ranks: 2)
        #expect(result.status == 1, "\(result)")
        #expect(result.standardError.contains("MPI_Iallgatherv was dropped before it completed"))
    }

    @Test func errorsCarryMPIsOwnText() throws {
        let result = try check("length", ranks: 2)
        #expect(result.status == 1, "\(result)")
        #expect(result.standardError.contains("MPI_Bcast failed on rank 1"))
        #expect(result.standardError.contains("MPI_ERR_TRUNCATE"))
    }

    @Test func tellsAboutTheLibrary() throws {
        let result = try check("about", ranks: 1)
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("Open MPI"))
        #expect(result.standardOutput.contains("MPI_THREAD_"))
    }

    /// A launcher of another MPI starts N programs that each see one rank: better an error than N trainings at once.
    @Test func aForeignLauncherIsAnError() throws {
        let environment = MPIRun.childEnvironment(adding: ["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"])
        let result = try ChildProcess.run(
            ProductsFolder.executable("MessagingCheck"), arguments: ["checks"], environment: environment)
        #expect(result.status != 0)
        #expect(result.standardError.contains("the launcher started 2 ranks but MPI sees 1"), "\(result)")
    }
}

@Suite struct LaunchDetectionTests {
    @Test func recognisesLaunchers() {
        #expect(!MPIEnvironment.isLaunched(["HOME": "/root"]))
        #expect(!MPIEnvironment.isLaunched(["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"]))
        #expect(!MPIEnvironment.isLaunched(["SLURM_NTASKS": "8"]))
        #expect(MPIEnvironment.isLaunched(["OMPI_COMM_WORLD_SIZE": "1"]))
        #expect(MPIEnvironment.isLaunched(["PMIX_RANK": "0"]))
        #expect(MPIEnvironment.isLaunched(["PMI_RANK": "3"]))
        #expect(MPIEnvironment.isLaunched(["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4"]))
    }

    @Test func readsTheAnnouncedSize() {
        #expect(MPIEnvironment.announcedSize(["OMPI_COMM_WORLD_SIZE": "4"]) == 4)
        #expect(MPIEnvironment.announcedSize(["SLURM_STEP_NUM_TASKS": "3"]) == 3)
        #expect(MPIEnvironment.announcedSize([:]) == nil)
    }
}
