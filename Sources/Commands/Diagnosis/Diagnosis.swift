import Foundation
import Messaging
import MethodKit
import Numerics

/// What one rank uses: machine, libraries, settings, speed. The coordinator gathers those of all ranks.
///
///     let mine = RankDiagnosis(world, rates: MachineRates.measure())
///     let all = try mine.gathered(over: world)                // in rank order, on every rank
///     let findings = Finding.all(about: program, ranks: all)
struct RankDiagnosis: Codable {
    var rank: Int
    var host: String
    var processor: String
    /// The x86-64 level of the processor.
    var level: Int
    var levelName: String
    var cores: Double
    /// Numbers of the cores the rank is bound to.
    var boundTo: [Int]
    /// Cores' worth of time that the container grants; nil for all.
    var quotaCores: Double?
    var memory: Int?
    var hugePages: String?
    /// Free bytes of /dev/shm, through which ranks of one machine exchange.
    var sharedMemory: Int?
    var productInstructions: String
    var rates: MachineRates

    init(_ communicator: any Communicator, rates: MachineRates) {
        let machine = Machine()
        rank = communicator.rank
        host = communicator.hostName
        processor = machine.processor
        level = InstructionLevel.processor.rawValue
        levelName = InstructionLevel.processor.description
        cores = machine.cores
        boundTo = machine.boundTo
        quotaCores = machine.quotaCores
        memory = machine.memory
        hugePages = machine.hugePages
        let shared = try? FileManager.default.attributesOfFileSystem(forPath: "/dev/shm")
        sharedMemory = (shared?[.systemFreeSize] as? NSNumber)?.intValue
        productInstructions = MatrixProductLibrary.instructionSet
        self.rates = rates
    }

    /// Every rank's, in rank order. All ranks call it.
    func gathered(over communicator: any Communicator) throws -> [RankDiagnosis] {
        let mine = try JSONEncoder().encode(self)
        let lengths = try communicator.allGather(value: Int64(mine.count)).map { Int($0) }
        let offsets = lengths.indices.map { lengths[..<$0].reduce(0, +) }
        var bytes = [UInt8](repeating: 0, count: lengths.reduce(0, +))
        bytes.replaceSubrange(offsets[rank]..<offsets[rank] + mine.count, with: mine)
        try bytes.withUnsafeMutableBufferPointer {
            try communicator.allGather($0, counts: lengths, offsets: offsets)
        }
        return try zip(offsets, lengths).map {
            try JSONDecoder().decode(RankDiagnosis.self, from: Data(bytes[$0..<$0 + $1]))
        }
    }
}

/// What is the same on all ranks, as far as this program can know: the binary, the libraries, the settings.
struct ProgramDiagnosis: Codable {
    var version: String
    var isDebugBuild: Bool
    var compiledLevel: Int
    var compiledLevelName: String
    var mpi: String
    var mpiStandard: String
    var isLaunchedByMPI: Bool
    var ranks: Int
    var productLibrary: String
    /// Real paths of the LAPACK and BLAS libraries in use.
    var algebraLibraries: [String]
    /// Environment variables that matter, where they are set.
    var environment: [String: String]
    var rasterizer: String?

    static let variables = [
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "MKL_NUM_THREADS", "ONEDNN_MAX_CPU_ISA",
        "DNNL_MAX_CPU_ISA",
    ]

    init(version: String, ranks: Int, environment all: [String: String] = ProcessInfo.processInfo.environment) {
        self.version = version
        #if DEBUG
            isDebugBuild = true
        #else
            isDebugBuild = false
        #endif
        compiledLevel = InstructionLevel.compiled.rawValue
        compiledLevelName = InstructionLevel.compiled.description
        mpi = String(MPIEnvironment.libraryVersion.split(separator: ",").first ?? "unknown")
        mpiStandard = MPIEnvironment.standardVersion
        isLaunchedByMPI = MPIEnvironment.isLaunchedByMPI
        self.ranks = ranks
        productLibrary = "oneDNN \(MatrixProductLibrary.version)"
        _ = LAPACKLibrary.problem  // loads it
        algebraLibraries = LoadedLibraries().paths(containing: ["lapack", "blas", "mkl", "blis", "flexiblas", "atlas"])
        environment = all.filter { Self.variables.contains($0.key) }
        rasterizer = (all["PATH"] ?? "").split(separator: ":").map { "\($0)/rsvg-convert" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether the BLAS is the slow reference implementation.
    var hasReferenceAlgebra: Bool {
        let names = algebraLibraries.map { ($0 as NSString).lastPathComponent }
        let fast = ["openblas", "mkl", "blis", "flexiblas", "atlas"]
        return names.contains { $0.hasPrefix("libblas.so") }
            && !algebraLibraries.contains { path in fast.contains { path.lowercased().contains($0) } }
    }
}
