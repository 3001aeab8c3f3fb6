import Foundation

/// Memory of this process as the kernel counts it.
enum ProcessMemory {
    /// The most memory this process ever had resident, in MB (2^20 bytes).
    ///
    /// From VmHWM in /proc/self/status, which starts anew when a program starts; getrusage's figure would include the
    /// memory of whatever program started this one.
    static var peakMegabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
        }
        return 0
    }

    /// Memory that this process has resident now, in bytes.
    static var residentBytes: Int {
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        guard words.count > 1, let pages = Int(words[1]) else { return peakMegabytes << 20 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
