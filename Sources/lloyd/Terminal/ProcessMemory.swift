import Foundation

/// Memory of this process as the kernel counts it.
enum ProcessMemory {
    /// The most memory this process ever had resident, in MB.
    static var peakMegabytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
