import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Notes SIGTERM, SIGINT, SIGHUP (the terminal is gone) and SIGUSR1 (what Slurm sends before a job's time is up), so that
/// all ranks can agree to stop at the end of a step.
///
///     StopSignals.install()
///     loop.stopRequested = { StopSignals.received }           // the default: the loop asks in each step, on every rank
///
/// A second signal ends the process at once.
public enum StopSignals {
    private static let count = Atomic<Int>(0)

    /// Starts to note signals instead of dying from them. If `nohup` has shut out SIGHUP, it stays shut out.
    public static func install() {
        var before = sigaction()
        let isShutOut =
            sigaction(SIGHUP, nil, &before) == 0
            && unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        for number in [SIGTERM, SIGINT, SIGUSR1] + (isShutOut ? [] : [SIGHUP]) {
            signal(number) { _ in
                if StopSignals.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
            }
        }
    }

    /// Whether a signal has come in this process.
    public static var received: Bool { count.load(ordering: .relaxed) > 0 }
}
