import Foundation

/// Memory of this process as the kernel counts it.
enum ProcessMemory {
    /// The most memory this process ever had resident, in MB.
    static var peakMegabytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }

    /// Memory that this process has resident now, in bytes.
    static var residentBytes: Int {
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        guard words.count > 1, let pages = Int(words[1]) else { return peakMegabytes << 20 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
