import Foundation

/// What this process may use of the machine it runs on: cores and memory as the container and the launcher allow.
///
///     let machine = Machine()
///     machine.cores                                           // 2.0 in such a container on a machine of 64
///     machine.memory                                          // bytes before the kernel would end the process
///     machine.hugePages                                       // "madvise"
///
/// Source: /proc and /sys of Linux; control groups of version 1 and 2. What cannot be read is nil.
public struct Machine: Sendable {
    /// The processor's name, as /proc/cpuinfo has it.
    public let processor: String
    /// Numbers of the cores that the process is bound to; the launcher may have bound it to fewer than there are.
    public let boundTo: [Int]
    /// Cores' worth of time that the control group grants; nil without a limit.
    public let quotaCores: Double?
    /// Bytes of memory the machine has.
    public let physicalMemory: Int?
    /// Bytes of memory that the control group grants; nil without a limit.
    public let memoryLimit: Int?
    /// Setting of transparent huge pages: always, madvise or never.
    public let hugePages: String?

    /// How many cores the process is bound to.
    public var boundCores: Int { boundTo.count }
    /// Cores' worth of time that can be used: the least of the two limits.
    public var cores: Double { min(Double(boundCores), quotaCores ?? .infinity) }
    /// Bytes of memory that can be used: the least of the two limits; nil if neither is known.
    public var memory: Int? {
        guard let physicalMemory else { return memoryLimit }
        return min(physicalMemory, memoryLimit ?? Int.max)
    }

    /// - Parameter root: a folder in place of / (for tests); empty for this machine.
    public init(root: String = "") {
        func text(_ path: String) -> String? {
            // /proc's files have no size, so they are read to their end.
            guard let handle = FileHandle(forReadingAtPath: root + path) else { return nil }
            defer { try? handle.close() }
            return (try? handle.read(upToCount: 16 << 20)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
        }
        func field(_ name: String, of text: String?) -> String? {
            guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
            return line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        processor = field("model name", of: text("/proc/cpuinfo")) ?? "unknown processor"
        physicalMemory = field("MemTotal", of: text("/proc/meminfo"))
            .flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }.map { $0 << 10 }
        // "always [madvise] never": the chosen one stands in brackets.
        hugePages = text("/sys/kernel/mm/transparent_hugepage/enabled")?
            .split(separator: "[").last?.split(separator: "]").first.map { String($0) }
        let groups = ControlGroups(membership: text("/proc/self/cgroup") ?? "")
        quotaCores = groups.quotaCores(reading: text)
        memoryLimit = groups.memoryLimit(reading: text)
        boundTo =
            field("Cpus_allowed_list", of: text("/proc/self/status")).flatMap(Self.numbers)
            ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Bytes of memory that the control group still grants; nil without a limit.
    static func groupMemoryLeft(reading text: (String) -> String?) -> Int? {
        ControlGroups(membership: text("/proc/self/cgroup") ?? "").memoryLeft(reading: text)
    }

    /// The numbers in a list such as "0-3,8".
    private static func numbers(_ list: String) -> [Int]? {
        var numbers: [Int] = []
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-").map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
                last >= first, last < 1 << 20
            else { return nil }
            numbers += Array(first...last)
        }
        return numbers.isEmpty ? nil : numbers
    }
}

/// The control groups a process belongs to, and their limits: the least of the group's and its parents'.
private struct ControlGroups {
    /// Controller names (empty for version 2) and the group's path.
    private let groups: [(controllers: [Substring], path: String)]

    init(membership: String) {
        groups = membership.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            return parts.count == 3 ? (parts[1].split(separator: ","), String(parts[2])) : nil
        }
    }

    func quotaCores(reading text: (String) -> String?) -> Double? {
        let second = folders(unified: true).compactMap { folder -> Double? in
            let words = text(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace).compactMap { Double($0) } ?? []
            return words.count == 2 && words[1] > 0 ? words[0] / words[1] : nil
        }
        let first = folders(unified: false, controller: "cpu").compactMap { folder -> Double? in
            guard let quota = number(text(folder + "/cpu.cfs_quota_us")), quota > 0,
                let period = number(text(folder + "/cpu.cfs_period_us")), period > 0
            else { return nil }
            return quota / period
        }
        return (first + second).min()
    }

    func memoryLimit(reading text: (String) -> String?) -> Int? {
        let limits =
            folders(unified: true).compactMap { number(text($0 + "/memory.max")) }
            + folders(unified: false, controller: "memory").compactMap { number(text($0 + "/memory.limit_in_bytes")) }
        // Version 1 has a number near 2^63 for "no limit".
        return limits.filter { $0 > 0 && $0 < 0x1p60 }.min().map { Int($0) }
    }

    /// Bytes that the group, and those above it, still grant; pages of files count as free, because the kernel gives them up.
    func memoryLeft(reading text: (String) -> String?) -> Int? {
        func left(_ folder: String, _ limit: String, _ usage: String, _ cache: String) -> Double? {
            guard let most = number(text(folder + "/" + limit)), most > 0, most < 0x1p60,
                let used = number(text(folder + "/" + usage))
            else { return nil }
            let lines = (text(folder + "/memory.stat") ?? "").split(separator: "\n")
            let cached = lines.first { $0.hasPrefix(cache + " ") }?.split(separator: " ").last.flatMap { Double($0) }
            return most - max(0, used - (cached ?? 0))
        }
        let second = folders(unified: true).compactMap { left($0, "memory.max", "memory.current", "inactive_file") }
        let first = folders(unified: false, controller: "memory").compactMap {
            left($0, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        }
        return (first + second).min().map { Int($0) }
    }

    private func number(_ text: String?) -> Double? {
        text.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// The group's folder and those above it. In a container the group's own path may not be mounted, but its root is.
    private func folders(unified: Bool, controller: String = "") -> [String] {
        groups.flatMap { group -> [String] in
            let names = group.controllers
            guard unified ? names.isEmpty : names.contains(Substring(controller)) else { return [] }
            let base = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/\(controller)"
            var parts = group.path.split(separator: "/").filter { $0 != ".." }
            var folders = [base]
            while !parts.isEmpty {
                folders.append(base + "/" + parts.joined(separator: "/"))
                parts.removeLast()
            }
            return folders
        }
    }
}
