import Stepping

#if canImport(Glibc)
    import Glibc
#endif

/// Refuses work that cannot fit before anything is allocated, instead of dying in the middle.
///
///     try MemoryBudget.require(bytes: count * dimension * 4, key: "data.count", what: "the training data")
public enum MemoryBudget {
    /// The machine's memory in bytes.
    public static var physical: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

    /// - Parameters:
    ///   - bytes: what a rank is about to hold; nil when the number overflows.
    ///   - key: the config key that asks for so much.
    /// - Throws: `TrainingError.unusable` when it is more than the machine has.
    public static func require(bytes: Int?, key: String, what: String) throws {
        guard let bytes, bytes <= physical else {
            let size = bytes.map { String(gibibytes($0)) + " GiB" } ?? "more than any machine's memory"
            throw TrainingError.unusable(
                key: key,
                problem: "\(what) would take \(size) in each rank, but this machine has \(gibibytes(physical)) GiB",
                remedy: "use fewer or smaller items, or more ranks on more machines")
        }
    }

    private static func gibibytes(_ bytes: Int) -> Int { (bytes >> 29 + 1) >> 1 }

    /// The product of non-negative factors; nil when it overflows.
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
