#if canImport(Glibc)
    import Glibc
#endif

/// Memory that was freed, and that the allocator keeps for later.
enum FreedMemory {
    /// Hands it back to the system: for moments when what comes next needs pieces of other sizes, so that old ones and new
    /// ones would count together. Takes microseconds a megabyte; not for every step.
    static func giveBack() { _ = trim?(0) }

    /// malloc_trim(3), which Swift's Glibc module leaves out; nil where the system has none.
    private static let trim: (@convention(c) (Int) -> Int32)? = {
        dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self) }
    }()
}
