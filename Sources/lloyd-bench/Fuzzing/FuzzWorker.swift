import ArgumentParser
import Core
import Foundation

/// The process that tries inputs; if it dies, `Fuzz` starts another one behind the input that killed it.
struct FuzzWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz-worker", abstract: "Part of `fuzz`: tries inputs until it is ended.", shouldDisplay: false)

    @Argument var target: String
    @Option var folder: String
    @Option var first: Int
    @Option var seconds: Double

    func run() throws {
        guard let target = FuzzTarget(rawValue: target), let notes = FuzzNotes(folder + "/notes", creating: false)
        else {
            throw ValidationError("no such target, or no notes")
        }
        let prepared = try FuzzTarget.Prepared(target, folder: folder)
        let files = try FuzzSeeds.files(target, folder: folder)
        for (index, seed) in files.enumerated() {
            try Data(seed.bytes).write(to: URL(fileURLWithPath: prepared.input))
            try check(seed, index, of: target, prepared)
        }
        var corpus = files.map(\.bytes)
        let seeds = corpus.count
        let end = FuzzNotes.wallTime + seconds
        var number = first
        while FuzzNotes.wallTime < end {
            var random = FuzzRandom(seed: UInt64(number))
            let input = FuzzMutation(target: target, corpus: corpus).input(&random)
            overwrite(prepared.input, input)
            notes.begin(number)
            var isAccepted = false
            do {
                try prepared.read()
                isAccepted = true
            } catch is LloydError {
            }
            notes.end(accepted: isAccepted)
            // What was read may be changed further: so inputs get away from the seeds.
            if isAccepted, number % 8 == 0, input.count < 16 << 10 {
                if corpus.count < seeds + 64 { corpus.append(input) } else { corpus[seeds + random.below(64)] = input }
            }
            number += 1
        }
    }

    /// Seeds must be good for something: behind what none of them passes, errors alone would be tried.
    private func check(_ seed: FuzzSeed, _ index: Int, of target: FuzzTarget, _ prepared: FuzzTarget.Prepared) throws {
        do {
            try prepared.read()
            guard seed.isRead else {
                throw ValidationError("seed \(index) of \(target) is read, but ought to be refused")
            }
        } catch let error as LloydError {
            guard !seed.isRead else { throw ValidationError("seed \(index) of \(target) is refused: \(error)") }
        }
    }

    private func overwrite(_ path: String, _ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            fatalError("cannot write \(path)")
        }
        close(descriptor)
    }
}

/// What a worker says about itself, in memory that outlives it.
final class FuzzNotes {
    /// Executions, accepted inputs, the input under way (-1 for none), when it began by processor time and by the clock,
    /// and the longest so far: nanoseconds, and which it was.
    private let words: UnsafeMutablePointer<Int>

    init?(_ path: String, creating: Bool) {
        let descriptor = open(path, O_RDWR | (creating ? O_CREAT | O_TRUNC : 0) | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if creating { guard ftruncate(descriptor, 4096) == 0 else { return nil } }
        guard let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else {
            return nil
        }
        words = memory.bindMemory(to: Int.self, capacity: 8)
        if creating { words[2] = -1 }
    }

    deinit { munmap(words, 4096) }

    var executions: Int { words[0] }
    var accepted: Int { words[1] }
    var underWay: Int? { words[2] < 0 ? nil : words[2] }
    var processorBegan: Int { words[3] }
    var wallBegan: Int { words[4] }
    var slowest: (nanoseconds: Int, number: Int) { (words[5], words[6]) }

    func begin(_ number: Int) {
        words[3] = Self.clock(CLOCK_PROCESS_CPUTIME_ID)
        words[4] = Self.clock(CLOCK_MONOTONIC)
        words[2] = number
    }

    func end(accepted: Bool) {
        // By processor time: what else the machine does is not the parser's fault.
        let taken = Self.clock(CLOCK_PROCESS_CPUTIME_ID) - words[3]
        if taken > words[5] { (words[5], words[6]) = (taken, words[2]) }
        words[0] += 1
        if accepted { words[1] += 1 }
        words[2] = -1
    }

    static var wallTime: Double { Double(clock(CLOCK_MONOTONIC)) / 1e9 }

    static func clock(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
