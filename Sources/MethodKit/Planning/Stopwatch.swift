import Training

/// Times a short piece of work by doing it again and again.
///
///     let seconds = Stopwatch.fastest(within: 0.1, using: [a, b, c]) {      // of one call
///         gemm(rows: 64, columns: 64, inner: 64, a: a.pointer, b: b.pointer, c: c.pointer)
///     }
///     // at least four calls, the first of which warms up and does not count
public enum Stopwatch {
    /// The fastest of the calls that fit into `limit` seconds. Other programs only ever make a call slower, so the
    /// fastest says most about the machine.
    ///
    /// - Parameter memory: what `work` points into: kept until the last call has ended, as a pointer alone does not
    ///   keep it.
    public static func fastest(within limit: Double, using memory: [AnyObject], _ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        work()
        var best = Double.infinity
        var calls = 0
        repeat {
            let mark = clock.now
            work()
            best = min(best, (clock.now - mark).seconds)
            calls += 1
        } while (clock.now - start).seconds < limit || calls < 3
        withExtendedLifetime(memory) {}
        return max(best, 1e-9)
    }
}
