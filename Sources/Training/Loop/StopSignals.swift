import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Notes SIGTERM, SIGINT and SIGUSR1 (what Slurm sends before a job's time is up), so that all ranks can agree to stop at
/// the end of a step.
///
///     StopSignals.install()
///     if StopSignals.received { ... }                         // the loop asks after each step, on every rank
///
/// A second signal ends the process at once.
public enum StopSignals {
    private static let count = Atomic<Int>(0)

    /// Starts to note signals instead of dying from them.
    public static func install() {
        for number in [SIGTERM, SIGINT, SIGUSR1] {
            signal(number) { _ in
                if StopSignals.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
            }
        }
    }

    /// Whether a signal has come in this process.
    public static var received: Bool { count.load(ordering: .relaxed) > 0 }
}
