#if canImport(Glibc)
    import Glibc
#endif

/// Memory that was freed, and that the allocator keeps for later.
enum FreedMemory {
    /// Hands it back to the system, before work that needs pieces of other sizes: otherwise the old and the new ones
    /// would add up. Takes microseconds a megabyte; not for every step.
    static func giveBack() { _ = trim?(0) }

    /// malloc_trim(3), which Swift's Glibc module leaves out; nil if the system has none.
    private static let trim: (@convention(c) (Int) -> Int32)? = {
        dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self) }
    }()
}
