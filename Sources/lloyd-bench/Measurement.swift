import Foundation
import Numerics

/// Repeated timings of one thing, in seconds.
struct Timings: Codable {
    var seconds: [Double] = []

    var median: Double { quantile(0.5) }
    var minimum: Double { seconds.min() ?? .nan }
    var maximum: Double { seconds.max() ?? .nan }

    func quantile(_ q: Double) -> Double {
        let sorted = seconds.sorted()
        guard !sorted.isEmpty else { return .nan }
        let position = q * Double(sorted.count - 1)
        let (low, high) = (Int(position), min(sorted.count - 1, Int(position) + 1))
        return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }

    /// Ratios of each of these timings to the one taken beside it.
    func ratios(to other: Timings) -> Timings {
        Timings(seconds: zip(seconds, other.seconds).map { $0 / $1 })
    }
}

/// Processor time of this process, which on one thread is the time taken, less what other programs took of the core.
func secondsTaken(_ work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
    let start = now()
    try work()
    return now() - start
}

/// The best rate that a large matrix product reaches on this core, in floating-point operations a second.
func measuredPeak() -> Double {
    let size = 1536
    let (a, b, c) = (
        Matrix(rows: size, columns: size), Matrix(rows: size, columns: size), Matrix(rows: size, columns: size)
    )
    var best = Double.infinity
    for _ in 0..<8 {
        best = min(
            best,
            secondsTaken {
                gemm(rows: size, columns: size, inner: size, a: a.pointer, b: b.pointer, c: c.pointer)
            })
    }
    return 2 * Double(size * size) * Double(size) / best
}

/// The processor's name, for the record.
func processorName() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
}

/// Whether the processor has an instruction set, by its name in /proc/cpuinfo.
func processorHas(_ flag: String) -> Bool {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
    return line?.split(separator: " ").contains(Substring(flag)) ?? false
}

func milliseconds(_ seconds: Double) -> String { String(format: "%.1f ms", 1000 * seconds) }

/// "1.23 (1.10-1.35)": median, minimum and maximum.
func spread(_ ratios: Timings) -> String {
    String(format: "%.2f (%.2f-%.2f)", ratios.median, ratios.minimum, ratios.maximum)
}

/// Writes a report for scripts.
func writeJSON(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try OutputFile.write(encoder.encode(value), to: path)
}
