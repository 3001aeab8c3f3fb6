import Foundation

/// How much memory this process can still have. Ask before something large is allocated: Swift's arrays end the program
/// if there is none.
///
///     if let reason = MemoryLimit.shortage(of: 1 << 30) { print(reason) }
///     // 300 MB are left of the address space (ulimit -v)
///
/// Source: getrlimit(2), proc(5), and the kernel's documentation of control groups.
public enum MemoryLimit {
    /// Below that nothing is asked: it costs a tenth of a millisecond, and libraries allocate as much unasked.
    private static let small = 16 << 20
    /// What the rest of the program may need meanwhile.
    private static let reserve = 16 << 20

    /// Why so many bytes cannot be had; nil if they can, or are fewer than 16 MiB.
    ///
    /// What leaves the least decides: the limits of the address space and of data (`ulimit -v`, `ulimit -d`), the control group, and the
    /// machine's free memory and swap. The bytes are asked for once and given back, so that what no file in /proc
    /// tells is noticed, too.
    public static func shortage(of bytes: Int) -> String? {
        guard bytes > small else { return nil }
        let left = least()
        if let left, left.bytes - reserve < bytes {
            return "\(max(0, left.bytes) >> 20) MB are left of \(left.name)"
        }
        guard let block = malloc(bytes + reserve) else { return "the system refuses to give it" }
        Foundation.free(block)
        return nil
    }

    /// The limit that leaves the least, and how many bytes.
    private static func least() -> (bytes: Int, name: String)? {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let pages = (text("/proc/self/statm") ?? "").split(separator: " ").map { Int($0) ?? 0 }
        var all: [(bytes: Int, name: String)] = []
        var limit = rlimit()
        if pages.count > 5 {
            if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < 1 << 60 {
                all.append((Int(limit.rlim_cur) - pages[0] * page, "the address space (ulimit -v)"))
            }
            if getrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0, limit.rlim_cur < 1 << 60 {
                all.append((Int(limit.rlim_cur) - pages[5] * page, "the data segment (ulimit -d)"))
            }
        }
        if let left = Machine.groupMemoryLeft(reading: text) { all.append((left, "the control group's memory")) }
        if let unused = unused() { all.append((unused, "the machine's memory and swap")) }
        return all.min { $0.bytes < $1.bytes }
    }

    /// Memory that can be had without taking it from others, and swap.
    private static func unused() -> Int? {
        let lines = (text("/proc/meminfo") ?? "").split(separator: "\n")
        func field(_ name: String) -> Int? {
            lines.first { $0.hasPrefix(name) }?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
                .map { $0 << 10 }
        }
        return field("MemAvailable:").map { $0 + (field("SwapFree:") ?? 0) }
    }

    /// A file of /proc or /sys, which has no size that could be asked for.
    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
