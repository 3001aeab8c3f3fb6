import Foundation

/// Tells a person how far a long run has come: one live line on a terminal, a plain line every so often elsewhere.
///
///     let progress = ProgressLine(interval: 10)
///     progress.show(fraction: 0.25, text: "layer 5 of 20, test distortion 0.61")
///     progress.finish()
///
/// Goes to standard error, so that results on standard output stay clean.
package final class ProgressLine {
    private let live: Bool
    private let interval: Double
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var lastWidth = 0

    /// Nothing is shown before the first `show`.
    /// - Parameter interval: seconds between plain lines if standard error is not a terminal.
    package init(interval: Double = 5) {
        live = isatty(STDERR_FILENO) == 1
        self.interval = interval
    }

    /// Shows the state, unless the last one was shown a moment ago.
    /// - Parameters:
    ///   - fraction: share of the whole run that is done, in 0...1.
    ///   - restored: the share that an earlier process has done, which says nothing about this one's speed.
    ///   - text: what is being done.
    ///   - milestone: shows it in any case on a terminal, and leaves it there on a line of its own.
    package func show(fraction: Double, restored: Double = 0, text: String, milestone: Bool = false) {
        let now = ContinuousClock.now
        let pause = live ? 0.1 : interval
        if let lastShown, (now - lastShown).seconds < pause, !(milestone && live) { return }
        lastShown = now
        var line = Self.percent(fraction) + "  " + PrintableText.escaped(text)
        if let left = Self.remaining(after: (now - start).seconds, fraction: fraction, restored: restored) {
            line += "  (\(Self.duration(left)) left)"
        }
        if live {
            // A line that wraps could not be written over.
            line = String(line.prefix(max(20, terminalWidth - 1)))
            let padding = String(repeating: " ", count: max(0, lastWidth - line.count))
            write("\r" + line + padding + (milestone ? "\n" : ""))
            lastWidth = milestone ? 0 : line.count
        } else {
            write(line + "\n")
        }
    }

    /// Ends the live line.
    package func finish() {
        if live, lastWidth > 0 { write("\n") }
        lastWidth = 0
    }

    private var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) { Terminal.draw(text) }

    /// Seconds left at the speed of this process so far; nil before it has done a hundredth of its work, and at the end.
    static func remaining(after seconds: Double, fraction: Double, restored: Double) -> Double? {
        let (done, left) = (fraction - restored, 1 - fraction)
        guard left > 0, done > 0.01 * (1 - restored) else { return nil }
        return seconds * left / done
    }

    static func percent(_ fraction: Double) -> String {
        let whole = "\(Int((100 * min(max(fraction, 0), 1)).rounded(.down))) %"
        return String(repeating: " ", count: max(0, 5 - whole.count)) + whole
    }

    /// A duration as people say it: "42 s", "3 min 05 s", "2 h 10 min".
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(String(format: "%02d", whole % 60)) s" }
        return "\(whole / 3600) h \(String(format: "%02d", whole / 60 % 60)) min"
    }
}
