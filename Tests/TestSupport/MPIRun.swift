import Foundation

/// Runs a program on several ranks, from inside a test.
///
///     let lloyd = try ProductsFolder.executable("lloyd")
///     let result = try MPIRun.run(executable: lloyd, ranks: 3, arguments: ["train", config])
///     #expect(result.status == 0, "\(result)")
///     #expect(result.standardOutput.contains("done"))
public enum MPIRun {
    /// The launcher's path, or nil if Open MPI is not installed.
    public static let launcher: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/mpirun" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// For `.enabled(if: MPIRun.isAvailable, "mpirun is not installed")`.
    public static var isAvailable: Bool { launcher != nil }

    /// 4 or 5: which generation of Open MPI's mpirun this is. Version 5 has another runtime, with other options.
    public static let generation: Int = {
        guard let launcher,
            let report = try? ChildProcess.run(launcher, arguments: ["--version"]).standardOutput,
            let version = report.split(separator: ")").last?.trimmingCharacters(in: .whitespaces).first
        else { return 4 }
        return (Int(String(version)) ?? 4) >= 5 ? 5 : 4
    }()

    /// Runs `executable` under `mpirun --oversubscribe -n ranks`, without mpirun's own messages about a job that failed.
    ///
    /// `environment` is added to this process's, from which what an MPI of this process left is removed: a nested
    /// mpirun would take it for its own and fail silently. A job that hangs is ended as a whole.
    public static func run(
        executable: String, ranks: Int, arguments: [String] = [], environment: [String: String] = [:],
        isQuiet: Bool = true, folder: String? = nil, interruption: ChildProcess.Interruption? = nil
    ) throws -> ChildProcess.Result {
        guard let launcher else { throw ChildProcess.CannotStart(description: "mpirun is not installed") }
        var options = ["--oversubscribe", "--bind-to", "none", "-n", "\(ranks)"]
        if isQuiet, generation == 4 { options.append("--quiet") }
        let result = try ChildProcess.run(
            launcher, arguments: options + [executable] + arguments,
            environment: childEnvironment(adding: environment, oversubscribed: ranks > cores), folder: folder,
            interruption: interruption)
        guard isQuiet, generation == 5 else { return result }
        return ChildProcess.Result(
            status: result.status, interrupted: result.interrupted, standardOutput: result.standardOutput,
            standardError: withoutBanners(result.standardError))
    }

    /// Version 5 has no option to be quiet: its messages about a failed job stand between two rules.
    static func withoutBanners(_ text: String) -> String {
        let rule = String(repeating: "-", count: 74)
        var kept: [Substring] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasSuffix(rule), let next = lines.first, next.hasPrefix("prterun ") || next.hasPrefix("MPI_ABORT "),
                let end = lines.firstIndex(where: { $0.hasSuffix(rule) })
            {
                lines = lines[(end + 1)...]
            } else if !line.contains("] PMIX ERROR: "), !line.contains("] PRTE ERROR: ") {
                kept.append(line)
            }
        }
        return kept.joined(separator: "\n")
    }

    /// This process's environment, fit for a child that starts MPI.
    public static func childEnvironment(
        from inherited: [String: String] = ProcessInfo.processInfo.environment, adding extra: [String: String] = [:],
        oversubscribed: Bool = false
    ) -> [String: String] {
        var environment = inherited.filter { key, _ in
            key.hasPrefix("OMPI_ALLOW_")
                || !["OMPI_", "PMIX_", "ORTE_", "PRTE_", "PMI_"].contains { key.hasPrefix($0) }
        }
        if getuid() == 0 {
            environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
            environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
        }
        // More ranks than cores must give way while they wait, or a small exchange takes milliseconds.
        if oversubscribed { environment["OMPI_MCA_mpi_yield_when_idle"] = "1" }
        // Version 5 complains of networks that it finds unfit, which ranks of one machine do not need.
        if generation == 5 { environment["OMPI_MCA_btl_tcp_if_include"] = "lo" }
        environment["OMP_NUM_THREADS"] = "1"
        environment["OPENBLAS_NUM_THREADS"] = "1"
        return environment.merging(extra) { $1 }
    }

    private static let cores = ProcessInfo.processInfo.activeProcessorCount
}
