import ArgumentParser
import Foundation

struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Gives parsers damaged and forged files: each must be read or be an error, within a second and 1 GB.",
        discussion: """
            Files of every format are made, changed in a dozen ways, their checksums set right again, and read in a process \
            of its own. A crash, a hang (more than a second of processor time, or a minute by the clock) or more than 1 GB is a \
            finding: its input is kept, the next process continues behind it, and the exit code is 1. Inputs follow from their \
            number, so that a further call with the same --state tries further ones. Of records that are read, the report \
            and a comparison are made, too.

            Examples:
              lloyd-bench fuzz --seconds 3
              lloyd-bench fuzz npy --seconds 1800 --state ~/fuzz
            """)

    @Argument(
        help: "Parsers, of png, jpeg, pnm, npy, fvecs, safetensors, tar, lloyd, yaml, record, curves. (default: all)")
    var targets: [String] = []

    @Option(help: "Seconds for each parser.") var seconds = 10.0
    @Option(help: ArgumentHelp("Keeps counts and findings, to continue later.", valueName: "folder")) var state: String?

    func validate() throws {
        guard seconds > 0, seconds <= 1e6 else { throw ValidationError("--seconds must be above 0, at most 1000000") }
        for name in targets where FuzzTarget(rawValue: name) == nil {
            throw ValidationError(
                "“\(name)” is not a parser; there are \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    /// What is known of a parser, over all calls with the same state.
    private struct Count: Codable {
        var executions = 0
        var accepted = 0
        var seconds = 0.0
        var crashes = 0
        var hangs = 0
        var slowestMilliseconds = 0.0
        var peakMegabytes = 0
        var next = 0
    }

    func run() throws {
        let manager = FileManager.default
        let kept = state ?? NSTemporaryDirectory() + "/lloyd-fuzz-\(getpid())"
        try manager.createDirectory(atPath: kept, withIntermediateDirectories: true)
        var isClean = true
        for target in targets.isEmpty ? FuzzTarget.allCases : targets.compactMap(FuzzTarget.init) {
            let count = try fuzz(target, kept)
            print(
                "\(target.rawValue): \(count.executions) executions in \(Int(count.seconds)) s, \(count.accepted) accepted, "
                    + "\(count.crashes) crashes, \(count.hangs) hangs, slowest "
                    + String(format: "%.0f ms, peak %d MB", count.slowestMilliseconds, count.peakMegabytes))
            if count.crashes + count.hangs > 0 || count.peakMegabytes >= 1024 { isClean = false }
            fflush(stdout)
        }
        if state == nil, isClean { try manager.removeItem(atPath: kept) }
        if !isClean {
            print("Findings lie in \(kept).")
            throw ExitCode(1)
        }
    }

    private func fuzz(_ target: FuzzTarget, _ kept: String) throws -> Count {
        let countPath = "\(kept)/\(target.rawValue).json"
        var count = Count()
        if let data = FileManager.default.contents(atPath: countPath) {
            count = try JSONDecoder().decode(Count.self, from: data)
        }
        // Inputs change thousands of times a second: in memory, if there is such a folder.
        let shared = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : kept
        let folder = "\(shared)/lloyd-fuzz-\(target.rawValue)-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let end = FuzzNotes.wallTime + seconds
        while FuzzNotes.wallTime < end {
            guard let notes = FuzzNotes(folder + "/notes", creating: true) else { throw CocoaError(.fileWriteUnknown) }
            let began = FuzzNotes.wallTime
            let (outcome, peak) = try watch(target, folder, first: count.next, seconds: end - began, notes)
            count.executions += notes.executions
            count.accepted += notes.accepted
            count.seconds += FuzzNotes.wallTime - began
            count.slowestMilliseconds = max(count.slowestMilliseconds, Double(notes.slowest.nanoseconds) / 1e6)
            count.peakMegabytes = max(count.peakMegabytes, peak)
            count.next += notes.executions
            if outcome != .ended, notes.underWay == nil, notes.executions == 0 {
                throw ValidationError("\(target.rawValue): the worker ended before its first input: nothing was tried")
            }
            if outcome != .ended {
                if outcome == .crashed { count.crashes += 1 } else { count.hangs += 1 }
                let name = target == .record ? "record.json" : "input.\(target.ending)"
                let finding = "\(kept)/\(target.rawValue)-\(outcome.rawValue)-\(count.next).\(target.ending)"
                try? FileManager.default.removeItem(atPath: finding)
                try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: finding)
                print("\(target.rawValue): \(outcome.rawValue) by input \(count.next), kept as \(finding)")
                count.next += 1
            }
            try JSONEncoder().encode(count).write(to: URL(fileURLWithPath: countPath))
        }
        return count
    }

    private enum Outcome: String { case ended, crashed, hung }

    /// Runs a worker to its end, or to the end that it deserves.
    private func watch(
        _ target: FuzzTarget, _ folder: String, first: Int, seconds: Double, _ notes: FuzzNotes
    ) throws -> (Outcome, peakMegabytes: Int) {
        let worker = Process()
        worker.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        worker.arguments = [
            "fuzz-worker", target.rawValue, "--folder", folder, "--first", "\(first)", "--seconds", "\(seconds)",
        ]
        worker.environment = ProcessInfo.processInfo.environment.merging(
            ["SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"]
        ) { _, new in new }
        try worker.run()
        var outcome = Outcome.ended
        var peak = 0
        while worker.isRunning {
            Thread.sleep(forTimeInterval: 0.05)
            peak = max(peak, peakMegabytes(worker.processIdentifier))
            guard let number = notes.underWay else { continue }
            let used = processorNanoseconds(worker.processIdentifier) - notes.processorBegan
            let waited = FuzzNotes.clock(CLOCK_MONOTONIC) - notes.wallBegan
            if number == notes.underWay, used > 1_500_000_000 || waited > 60_000_000_000 || peak > 4096 {
                outcome = .hung
                kill(worker.processIdentifier, SIGKILL)
                break
            }
        }
        worker.waitUntilExit()
        if outcome == .ended, worker.terminationReason == .uncaughtSignal || worker.terminationStatus != 0 {
            outcome = .crashed
        }
        return (outcome, peak)
    }

    private func peakMegabytes(_ process: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
        return (Int(line.split(separator: " ").dropFirst().first.map { $0.filter(\.isNumber) } ?? "") ?? 0) >> 10
    }

    /// User and system time, in steps of 10 ms.
    private func processorNanoseconds(_ process: Int32) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return 0 }
        return (user + system) * 10_000_000
    }
}
