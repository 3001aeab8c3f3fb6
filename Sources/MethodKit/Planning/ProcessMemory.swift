import Foundation

/// Memory of this process as the kernel counts it.
public enum ProcessMemory {
    /// The most memory this process ever had resident, in MB (2^20 bytes).
    ///
    /// From VmHWM in /proc/self/status, which starts anew when a program starts; getrusage's figure would include the
    /// memory of whatever program started this one.
    public static var peakMegabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
        }
        return 0
    }

    /// Memory that this process has resident now, in bytes.
    public static var residentBytes: Int { pages(1) ?? peakMegabytes << 20 }

    /// Of it, pages of files: the program and the libraries, as far as they were touched.
    public static var fileBytes: Int { pages(2) ?? 0 }

    /// A number of /proc/self/statm, in bytes.
    private static func pages(_ index: Int) -> Int? {
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        guard words.count > index, let pages = Int(words[index]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
