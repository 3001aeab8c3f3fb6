import Foundation
import MethodKit
import Numerics

/// Something that slows training down or may end it, and what to do about it.
///
///     let findings = Finding.all(about: program, ranks: ranks)
///     findings.first?.problem                                 // "transparent huge pages are off on node3"
///     findings.first?.remedy
struct Finding: Codable, Equatable {
    var problem: String
    var remedy: String

    static func all(about program: ProgramDiagnosis, ranks: [RankDiagnosis]) -> [Finding] {
        binary(program, ranks) + settings(program, ranks) + machines(ranks) + differences(ranks)
    }

    private static func binary(_ program: ProgramDiagnosis, _ ranks: [RankDiagnosis]) -> [Finding] {
        var findings: [Finding] = []
        if program.isDebugBuild {
            findings.append(
                Finding(
                    problem: "this is a debug build, several times slower than a release build",
                    remedy: "build with Launch/build"))
        }
        // Code of its own exists for levels 1, 3 and 4 alone.
        let lowest = ranks.map { $0.level == 2 ? 1 : $0.level }.min() ?? 1
        if program.compiledLevel < lowest, let rank = ranks.first(where: { $0.level >= lowest }) {
            findings.append(
                Finding(
                    problem: "compiled for \(program.compiledLevelName), but every processor here has at least "
                        + "\(rank.levelName): the nearest-codeword search is slower than it could be",
                    remedy: "build on this machine with Launch/build, without LLOYD_CPU=portable"))
        }
        if program.hasReferenceAlgebra {
            findings.append(
                Finding(
                    problem: "LAPACK runs on the reference BLAS: eigenvectors of the sub-bands take several times "
                        + "longer",
                    remedy: "apt-get install libopenblas0-pthread"))
        }
        if program.rasterizer == nil {
            findings.append(
                Finding(
                    problem: "rsvg-convert is not installed: reports have their plots as SVG only",
                    remedy: "apt-get install librsvg2-bin"))
        }
        return findings
    }

    private static func settings(_ program: ProgramDiagnosis, _ ranks: [RankDiagnosis]) -> [Finding] {
        var findings: [Finding] = []
        let threads = program.environment["OPENBLAS_NUM_THREADS"] ?? program.environment["OMP_NUM_THREADS"]
        let isOpenBLAS = program.algebraLibraries.contains { $0.lowercased().contains("openblas") }
        if isOpenBLAS, threads != "1", ranks.contains(where: { $0.boundTo.count > 1 }) {
            findings.append(
                Finding(
                    problem: "OpenBLAS will start \(threads.map { "\($0) threads" } ?? "a thread for each core") in "
                        + "every rank, beside Lloyd's own: ranks and threads take each other's cores",
                    remedy: "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1, or start with Launch/lloyd"))
        }
        for name in ["OPENBLAS_CORETYPE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"] {
            guard let value = program.environment[name] else { continue }
            findings.append(
                Finding(
                    problem: "\(name)=\(value) holds the library to that kind of processor", remedy: "unset \(name)"))
        }
        return findings
    }

    private static func machines(_ ranks: [RankDiagnosis]) -> [Finding] {
        var findings: [Finding] = []
        for (host, members) in Dictionary(grouping: ranks, by: \.host).sorted(by: { $0.key < $1.key }) {
            let first = members[0]
            // Ranks may be bound to cores of their own, or all see the same ones.
            let together = Double(Set(members.flatMap(\.boundTo)).count)
            let cores = min(together, first.quotaCores ?? .infinity)
            if Double(members.count) > cores + 0.01 {
                findings.append(
                    Finding(
                        problem: "\(members.count) ranks share \(text(cores)) cores on \(host): they take turns, and "
                            + "waiting ranks hold up the others",
                        remedy: "start at most \(max(1, Int(cores))) ranks there, or set "
                            + "OMPI_MCA_mpi_yield_when_idle=1"))
            }
            if let pages = first.hugePages, pages == "never" {
                findings.append(
                    Finding(
                        problem: "transparent huge pages are off on \(host): fresh memory comes several times more "
                            + "slowly",
                        remedy: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (as root, on that "
                            + "machine)"))
            }
            if members.count > 1, let shared = first.sharedMemory, shared < members.count << 24 {
                findings.append(
                    Finding(
                        problem: "/dev/shm has \(ByteText.text(shared)) free on \(host): Open MPI may want up to 16 "
                            + "MiB of it for each of the "
                            + "\(members.count) ranks", remedy: "enlarge it (docker run --shm-size=1g), or empty it"))
            }
            if let memory = first.memory, memory / members.count < 512 << 20 {
                findings.append(
                    Finding(
                        problem: "\(host) has \(ByteText.text(memory / members.count)) of memory for each rank",
                        remedy: "see `lloyd plan CONFIG --ranks N` for what a run needs"))
            }
        }
        return findings
    }

    private static func differences(_ ranks: [RankDiagnosis]) -> [Finding] {
        var findings: [Finding] = []
        let kinds = Dictionary(grouping: ranks, by: { "\($0.processor), \($0.productInstructions)" })
            .sorted { $0.key < $1.key }
        if kinds.count > 1 {
            let list = kinds.map { "\($0.key) (rank \($0.value[0].rank) on \($0.value[0].host))" }
            findings.append(
                Finding(
                    problem: "the processors differ: \(list.joined(separator: "; ")). Results are the same to the byte "
                        + "only on one kind of processor", remedy: "choose machines of one kind if that matters"))
        }
        let speeds = ranks.map(\.rates.product).sorted()
        if let slow = ranks.min(by: { $0.rates.product < $1.rates.product }),
            slow.rates.product < 0.6 * speeds[speeds.count / 2]
        {
            findings.append(
                Finding(
                    problem: "rank \(slow.rank) on \(slow.host) multiplies at \(text(slow.rates.product / 1e9)) "
                        + "GFLOP/s, the median rank at "
                        + "\(text(speeds[speeds.count / 2] / 1e9)): every step waits for it",
                    remedy: "see what else runs on \(slow.host), or leave it out"))
        }
        return findings
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : String(format: "%.1f", value)
    }
}
