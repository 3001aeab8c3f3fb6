import Foundation
import Messaging
import Numerics
import TestSupport
import Testing

@testable import Commands

@Suite struct DoctorTests {
    private func doctor(
        _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> ChildProcess.Result {
        try ChildProcess.run(
            ProductsFolder.executable("lloyd"), arguments: ["doctor"] + arguments,
            environment: MPIRun.childEnvironment(adding: environment))
    }

    private func object(_ file: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func saysWhatWillBeUsed() throws {
        let result = try doctor()
        #expect(result.status == 0, "\(result)")
        for word in ["compiled for", "oneDNN", "LAPACK", "Open MPI", "no launcher", "GFLOP/s", "OMP_NUM_THREADS"] {
            #expect(result.standardOutput.contains(word), "\(word) is missing: \(result)")
        }
        let ending = result.standardOutput.contains("no problems found") != result.standardOutput.contains("Remedy:")
        #expect(ending, "either warnings or none: \(result)")
    }

    @Test func writesJSON() throws {
        try ScratchFolder.withPath { folder in
            let file = folder + "/doctor.json"
            let result = try doctor(["--json", file])
            #expect(result.status == 0, "\(result)")
            let report = try object(file)
            let program = try #require(report["program"] as? [String: Any])
            #expect(program["ranks"] as? Int == 1)
            #expect((program["algebraLibraries"] as? [String])?.isEmpty == false)
            let rank = try #require((report["ranks"] as? [[String: Any]])?.first)
            let rates = try #require(rank["rates"] as? [String: Double])
            for (name, rate) in rates { #expect(rate > 0 && rate.isFinite, "\(name): \(rate)") }
            #expect(rank["level"] as? Int == InstructionLevel.processor.rawValue)
        }
    }

    @Test func warnsOfSettingsWithARemedy() throws {
        let result = try doctor(environment: ["OPENBLAS_CORETYPE": "Haswell"])
        #expect(result.status == 0)
        #expect(result.standardOutput.contains("OPENBLAS_CORETYPE=Haswell"), "\(result)")
        #expect(result.standardOutput.contains("Remedy: unset OPENBLAS_CORETYPE"), "\(result)")
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func printsALineForEachRank() throws {
        try ScratchFolder.withPath { folder in
            let result = try MPIRun.run(
                executable: ProductsFolder.executable("lloyd"), ranks: 3,
                arguments: ["doctor", "--json", folder + "/doctor.json"])
            #expect(result.status == 0, "\(result)")
            #expect(result.standardOutput.contains("MPI, 3 ranks"), "\(result)")
            let ranks = try #require(try object(folder + "/doctor.json")["ranks"] as? [[String: Any]])
            #expect(ranks.map { $0["rank"] as? Int } == [0, 1, 2])
            #expect(Set(ranks.compactMap { $0["host"] as? String }).count == 1)
            // Ranks that share cores take turns, and are told so.
            let cores = Machine().cores
            #expect(result.standardOutput.contains("3 ranks share") == (cores < 3), "\(cores) cores: \(result)")
        }
    }

    @Test func refusesBadUsageAndUnwritableFiles() throws {
        #expect(try doctor(["--jsn", "x"]).status == 2)
        let result = try doctor(["--json", "/nowhere/at/all.json"])
        #expect(result.status == 1)
        #expect(result.standardError.contains("/nowhere/at/all.json"), "\(result)")
        #expect(result.standardError.contains("Remedy"), "\(result)")
    }

    // MARK: What the machine grants

    /// A folder that stands for / with the given files.
    private func machine(_ files: [String: String]) throws -> Machine {
        try ScratchFolder.withPath { folder in
            for (path, text) in files {
                let file = folder + path
                try FileManager.default.createDirectory(
                    atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }
            return Machine(root: folder)
        }
    }

    private let common = [
        "/proc/cpuinfo": "processor\t: 0\nmodel name\t: A Processor\n",
        "/proc/meminfo": "MemTotal:       16000000 kB\nMemFree: 1 kB\n",
        "/proc/self/status": "Name:\tlloyd\nCpus_allowed_list:\t0-3,8,10-11\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    ]

    @Test func readsTheMachineWithoutControlGroups() throws {
        let machine = try machine(common)
        #expect(machine.processor == "A Processor")
        #expect(machine.boundTo == [0, 1, 2, 3, 8, 10, 11])
        #expect(machine.cores == 7)
        #expect(machine.memory == 16_000_000 << 10)
        #expect(machine.hugePages == "madvise")
    }

    @Test func readsControlGroupsOfVersionTwo() throws {
        let machine = try machine(
            common.merging([
                "/proc/self/cgroup": "0::/slice/job\n", "/sys/fs/cgroup/slice/cpu.max": "250000 100000\n",
                "/sys/fs/cgroup/slice/job/cpu.max": "max 100000\n",
                "/sys/fs/cgroup/slice/job/memory.max": "4294967296\n", "/sys/fs/cgroup/slice/memory.max": "max\n",
            ]) { $1 })
        #expect(machine.quotaCores == 2.5)
        #expect(machine.cores == 2.5)
        #expect(machine.memory == 4 << 30)
    }

    @Test func readsControlGroupsOfVersionOne() throws {
        let machine = try machine(
            common.merging([
                "/proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
                "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
            ]) { $1 })
        #expect(machine.cores == 1.5)
        #expect(machine.memory == 1 << 30)
    }

    @Test func findsWhatSlowsTrainingDown() throws {
        var program = ProgramDiagnosis(version: "1", ranks: 2, environment: ["PATH": ""])
        program.isDebugBuild = false
        program.compiledLevel = 1
        program.algebraLibraries = ["/usr/lib/lapack/liblapack.so.3.11", "/usr/lib/blas/libblas.so.3.11"]
        var first = RankDiagnosis(SingleCommunicator(), rates: .init(product: 1e11, search: 1e11, memory: 1e10))
        first.level = 4
        first.boundTo = [0]
        first.quotaCores = nil
        first.hugePages = "never"
        first.memory = 16 << 30
        first.sharedMemory = 1 << 30
        var second = first
        second.rank = 1
        second.processor = "Another Processor"
        second.rates.product = 1e10
        let problems = Finding.all(about: program, ranks: [first, second]).map(\.problem)
        for words in [
            "compiled for", "reference BLAS", "rsvg-convert", "2 ranks share 1 cores", "huge pages are off",
            "processors differ", "rank 1 on",
        ] { #expect(problems.contains { $0.contains(words) }, "\(words): \(problems)") }
        #expect(problems.count == 7, "\(problems)")
    }
}
