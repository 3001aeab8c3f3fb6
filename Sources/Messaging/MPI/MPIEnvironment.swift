import COpenMPI
import Foundation

/// Starts and ends MPI in this process, and describes it.
///
///     let world = try MPIEnvironment.start()          // one rank without mpirun
///     print(world.rank, world.size, MPIEnvironment.libraryVersion)
///     try work(world)
///     try MPIEnvironment.finish()                     // `Job.run` does this at a clean end
public enum MPIEnvironment {
    /// What MPI allows threads to do, as the standard defines it; Lloyd needs at least `serialized`.
    public enum ThreadLevel: Int, Sendable, CustomStringConvertible {
        case single, funneled, serialized, multiple

        /// MPI's name of the level.
        public var description: String {
            switch self {
            case .single: "MPI_THREAD_SINGLE"
            case .funneled: "MPI_THREAD_FUNNELED"
            case .serialized: "MPI_THREAD_SERIALIZED"
            case .multiple: "MPI_THREAD_MULTIPLE"
            }
        }
    }

    /// Whether a launcher (mpirun, or srun with PMI or PMIx) started this process as a rank of a job.
    public static var isLaunchedByMPI: Bool { isLaunched(ProcessInfo.processInfo.environment) }

    static func isLaunched(_ environment: [String: String]) -> Bool {
        let marks = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "MPI_LOCALRANKID"]
        if marks.contains(where: { environment[$0] != nil }) { return true }
        // A Slurm step of several tasks must be one job, even if srun did not pass PMI on: `start` then throws, and
        // tasks do not train separately in the same folder.
        return environment["SLURM_PROCID"] != nil && (Int(environment["SLURM_STEP_NUM_TASKS"] ?? "") ?? 1) > 1
    }

    /// How many ranks the launcher started; nil if it does not say.
    static func announcedSize(_ environment: [String: String]) -> Int? {
        for key in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
            if let text = environment[key] { return Int(text) }
        }
        return nil
    }

    /// How many ranks the launcher started on this machine; nil if it does not say.
    package static var announcedRanksHere: Int? { announcedRanksHere(ProcessInfo.processInfo.environment) }

    static func announcedRanksHere(_ environment: [String: String]) -> Int? {
        for key in ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"] {
            if let count = environment[key].flatMap({ Int($0) }) { return count }
        }
        // Slurm counts by node: "4(x2),3" stands for 4, 4 and 3.
        guard let text = environment["SLURM_STEP_TASKS_PER_NODE"], let node = Int(environment["SLURM_NODEID"] ?? "0")
        else { return nil }
        let counts = text.split(separator: ",").flatMap { group -> [Int] in
            let parts = group.split { "(x)".contains($0) }.compactMap { Int($0) }
            return parts.isEmpty ? [] : Array(repeating: parts[0], count: parts.count > 1 ? parts[1] : 1)
        }
        return counts.indices.contains(node) ? counts[node] : nil
    }

    /// Initializes MPI (once; later calls return a communicator over the same ranks) and returns all ranks of the job.
    ///
    /// - Throws: `MessagingError` if MPI cannot start, cannot serve threads, was finished before, or sees fewer ranks than
    ///   the launcher announced (a program and a launcher of two different MPI installations).
    public static func start() throws -> MPICommunicator {
        let host = HostName.current
        let calls = MPICall(rank: announcedRank ?? 0, host: host)
        var initialized: Int32 = 0
        var finalized: Int32 = 0
        try calls.check("MPI_Finalized", MPI_Finalized(&finalized))
        guard finalized == 0 else {
            throw calls.refused("MPI_Init_thread", "MPI was already finished in this process and cannot start again")
        }
        try calls.check("MPI_Initialized", MPI_Initialized(&initialized))
        if initialized == 0 {
            var provided: Int32 = 0
            try calls.check(
                "MPI_Init_thread", MPI_Init_thread(nil, nil, Int32(ThreadLevel.multiple.rawValue), &provided))
        }
        for world in [lloyd_mpi_comm_world(), lloyd_mpi_comm_self()] {
            try calls.check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(world, lloyd_mpi_errors_return()))
        }
        guard let level = threadLevel, level.rawValue >= ThreadLevel.serialized.rawValue else {
            throw calls.refused(
                "MPI_Init_thread",
                "this MPI offers \(threadLevel.map(String.init(describing:)) ?? "no thread support"), but Lloyd needs "
                    + "MPI_THREAD_SERIALIZED; use an MPI that was built with thread support")
        }
        let communicator = try MPICommunicator(lloyd_mpi_comm_world())
        let environment = ProcessInfo.processInfo.environment
        if let announced = announcedSize(environment), announced > communicator.size {
            throw calls.refused(
                "MPI_Init_thread",
                "the launcher started \(announced) ranks but MPI sees \(communicator.size): the launcher belongs to "
                    + "another MPI than the one this program is linked with (\(libraryVersion)). "
                    + "Use that one's mpirun, or under Slurm `srun --mpi=pmix`")
        }
        return communicator
    }

    /// All ranks of the job if a launcher started this process, otherwise a group of one without MPI.
    /// - Throws: `MessagingError` as `start`.
    public static func startIfLaunched() throws -> any Communicator {
        isLaunchedByMPI ? try start() : SingleCommunicator()
    }

    /// Ends MPI after a clean run. All ranks call it; does nothing if MPI was not started or has ended already.
    /// - Throws: `MessagingError`.
    public static func finish() throws {
        var initialized: Int32 = 0
        var finalized: Int32 = 0
        let calls = MPICall(rank: announcedRank ?? 0, host: HostName.current)
        try calls.check("MPI_Initialized", MPI_Initialized(&initialized))
        try calls.check("MPI_Finalized", MPI_Finalized(&finalized))
        if initialized != 0, finalized == 0 { try calls.check("MPI_Finalize", MPI_Finalize()) }
    }

    /// The name and version of the MPI library, such as "Open MPI v4.1.4, ...". Works before `start`.
    public static var libraryVersion: String {
        var characters = [CChar](repeating: 0, count: 8192)
        var length: Int32 = 0
        guard MPI_Get_library_version(&characters, &length) == MPI_SUCCESS else { return "unknown MPI" }
        return String(
            decoding: characters.prefix(Int(length)).prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The version of the MPI standard that the library follows, such as "3.1". Works before `start`.
    public static var standardVersion: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        guard MPI_Get_version(&major, &minor) == MPI_SUCCESS else { return "unknown" }
        return "\(major).\(minor)"
    }

    /// What MPI allows threads to do; nil before `start` and after `finish`.
    public static var threadLevel: ThreadLevel? {
        var initialized: Int32 = 0
        var finalized: Int32 = 0
        var provided: Int32 = 0
        guard MPI_Initialized(&initialized) == MPI_SUCCESS, initialized != 0,
            MPI_Finalized(&finalized) == MPI_SUCCESS, finalized == 0,
            MPI_Query_thread(&provided) == MPI_SUCCESS
        else { return nil }
        return ThreadLevel(rawValue: Int(provided))
    }

    /// The rank that the launcher gave this process, known before MPI starts; nil if it gave none.
    public static var announcedRank: Int? {
        let environment = ProcessInfo.processInfo.environment
        for key in ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"] {
            if let text = environment[key], let rank = Int(text) { return rank }
        }
        return nil
    }
}
