import Numerics
import Stepping

#if canImport(Glibc)
    import Glibc
#endif

/// Refuses work that cannot fit before anything is allocated, instead of dying in the middle.
///
///     try MemoryBudget.require(bytes: count * dimension * 4, key: "data.count", what: "the training data")
public enum MemoryBudget {
    /// The most bytes that a process can ever have, and what sets that limit. What happens to be free now does not count:
    /// the same plan must be good tomorrow (`MemoryLimit` tells what can be allocated at the moment).
    package struct Limit: Sendable, Equatable {
        /// Bytes; `Int.max` if no limit is known.
        package var bytes: Int
        /// What sets the limit, for an error: "the control group's memory".
        package var name: String
    }

    /// The limit of this process.
    package static var limit: Limit { limit(of: Machine(), addressSpace: soft(RLIMIT_AS), data: soft(RLIMIT_DATA)) }

    /// The least of the machine's memory, what its control group grants, and the limits of the process.
    /// - Parameters:
    ///   - addressSpace: bytes that `ulimit -v` allows; nil without such a limit.
    ///   - data: bytes that `ulimit -d` allows; nil without such a limit.
    static func limit(of machine: Machine, addressSpace: Int?, data: Int?) -> Limit {
        let limits = [
            (machine.physicalMemory, "this machine's memory"), (machine.memoryLimit, "the control group's memory"),
            (addressSpace, "the address space (ulimit -v)"), (data, "the data segment (ulimit -d)"),
        ]
        return limits.reduce(into: Limit(bytes: .max, name: "any machine's memory")) { least, limit in
            if let bytes = limit.0, bytes < least.bytes { least = Limit(bytes: bytes, name: limit.1) }
        }
    }

    private static func soft(_ resource: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < 1 << 60 else {
            return nil
        }
        return Int(limit.rlim_cur)
    }

    /// Refuses what no rank of this process's limits can hold.
    /// - Parameters:
    ///   - bytes: what a rank is about to hold; nil when the number overflows.
    ///   - key: the config key that asks for so much.
    ///   - what: what would be held, as the subject of a sentence.
    /// - Throws: `LloydError.unusable` when it is more than the process can ever have: more than the machine's memory,
    ///   its control group's, or what `ulimit -v` and `ulimit -d` allow.
    public static func require(bytes: Int?, key: String, what: String) throws {
        try require(bytes: bytes, key: key, what: what, within: limit)
    }

    static func require(bytes: Int?, key: String, what: String, within limit: Limit) throws {
        guard let bytes, bytes <= limit.bytes else {
            let size = bytes.map(text) ?? "more than any machine has"
            throw LloydError.unusable(
                key: key,
                problem:
                    "\(what) would take \(size) in each rank, but \(limit.name) is limited to \(text(limit.bytes))",
                remedy: "use fewer or smaller items, more ranks on more machines, or raise that limit")
        }
    }

    /// "512 MiB", "16 GiB".
    private static func text(_ bytes: Int) -> String {
        let mebibytes = bytes >> 20
        return mebibytes < 10 << 10 ? "\(mebibytes) MiB" : "\((mebibytes + 512) >> 10) GiB"
    }

    /// The product of non-negative factors, such as counts and sizes; nil when it overflows.
    public static func product(_ factors: Int...) -> Int? {
        var result = 1
        for factor in factors {
            let (next, overflow) = result.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            result = next
        }
        return result
    }
}
