#if LLOYD_FUZZ
    import ArgumentParser
    import Core
    import Foundation

    /// The same targets under libFuzzer, which keeps the inputs that reach new code and changes those further.
    ///
    /// It is there in builds with `LLOYD_FUZZ=1` only, which count the edges of Lloyd's own code. A crash, an input that takes
    /// longer than a second, or 1 GB of memory ends it; the input is kept.
    struct FuzzByCoverage: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fuzz-coverage",
            abstract: "Gives a parser inputs that reach ever more of its code (libFuzzer).",
            discussion: """
                Launch/fuzz PARSER --coverage builds and starts it.

                Example:
                  lloyd-bench fuzz-coverage png --seconds 1800 --corpus ~/fuzz/png
                """)

        @Argument(help: "A parser: png, jpeg, pnm, npy, fvecs, safetensors, tar, lloyd, yaml, record or curves.")
        var target: String
        @Option(help: "Seconds to run for.") var seconds = 60
        @Option(help: ArgumentHelp("Inputs found so far, and findings.", valueName: "folder")) var corpus: String

        func run() throws {
            guard let target = FuzzTarget(rawValue: target) else {
                throw ValidationError("“\(target)” is not a parser")
            }
            let shared = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
            let folder = "\(shared)/lloyd-fuzz-\(target.rawValue)-\(getpid())"
            for path in [folder, corpus] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            for (index, seed) in try FuzzSeeds.files(target, folder: folder).enumerated() {
                try Data(seed.bytes).write(to: URL(fileURLWithPath: "\(corpus)/seed-\(index)"))
            }
            let words = folder + "/words"
            let quoted = target.words.map { word in
                "\"" + word.utf8.map { String(format: "\\x%02x", $0) }.joined() + "\"\n"
            }
            try Data(quoted.joined().utf8).write(to: URL(fileURLWithPath: words))
            current = try FuzzTarget.Prepared(target, folder: folder)
            var arguments = [
                "lloyd-bench", "-max_total_time=\(seconds)", "-timeout=2", "-rss_limit_mb=1024", "-max_len=16384",
                "-print_final_stats=1", "-artifact_prefix=\(corpus)/../\(target.rawValue)-", corpus,
            ]
            if !quoted.isEmpty { arguments.append("-dict=\(words)") }
            var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
            var count = Int32(arguments.count)
            let status = copies.withUnsafeMutableBufferPointer { buffer -> Int32 in
                var first = buffer.baseAddress
                return runDriver(&count, &first) { bytes, count in
                    tryInput(UnsafeRawBufferPointer(start: bytes, count: count))
                    return 0
                }
            }
            try? FileManager.default.removeItem(atPath: folder)
            throw ExitCode(status)
        }
    }

    /// What the fuzzer's callbacks, which carry no context, are about.
    nonisolated(unsafe) private var current: FuzzTarget.Prepared?

    private func tryInput(_ bytes: UnsafeRawBufferPointer) {
        guard let current else { return }
        let descriptor = open(current.input, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
            fatalError("cannot write \(current.input)")
        }
        close(descriptor)
        do { try current.read() } catch is LloydError {} catch { fatalError("not an error of Lloyd's: \(error)") }
    }

    // MARK: libFuzzer's interface

    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<Int32>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
        _ callback: Callback
    ) -> Int32

    @_silgen_name("LLVMFuzzerMutate")
    private func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

    /// Called for every input that is derived from another: checksums are set right, or few changes would get any further.
    @_cdecl("LLVMFuzzerCustomMutator")
    public func customMutator(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
        let changed = mutate(bytes, count, most)
        guard let target = current?.target, seed % 8 != 0 else { return changed }
        let repaired = FuzzRepair.repaired(Array(UnsafeBufferPointer(start: bytes, count: changed)), of: target)
        let length = min(repaired.count, most)
        repaired.withUnsafeBufferPointer { bytes.update(from: $0.baseAddress!, count: length) }
        return length
    }
#endif
