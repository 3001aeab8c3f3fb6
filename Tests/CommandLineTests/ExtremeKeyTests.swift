import Datasets
import Foundation
import MethodKit
import TestSupport
import Testing

/// Every key of a config with values that make no sense: an ordinary error that names the key, or an ordinary run.
@Suite(.timeLimit(.minutes(5))) struct ExtremeKeyTests {
    static let configs = [
        "rrq": LloydProgram.smallConfig, "codebook-study": LloydProgram.smallStudy, "toy": LloydProgram.smallToy,
        "nvtc": LloydProgram.smallNVTC,
    ]

    private static let values =
        [
            "0", "-1", "9223372036854775807", "-9223372036854775808", "1e308", "1e-308", "nan", "inf", "", "[]", "[[]]",
            "{}", "[0]", "[-1]", "[1e308]", "[nan]",
        ] + ["1", "1.5", "x"].map { "[" + Array(repeating: $0, count: 3000).joined(separator: ", ") + "]" }

    /// A config with another value of one key, and the method that it asks for.
    /// - Returns: nil if the value is refused with an error that names the key.
    private func made(_ method: String, _ key: any ConfigKey, _ value: String) throws -> Config? {
        do {
            let config = try Config(
                text: #require(Self.configs[method]), file: "small.yaml", settings: ["\(key.path)=\(value)"])
            _ = try config.method.init(config)
            try config.requireWork(forRanks: 1)
            return config
        } catch {
            let said = "\(error)"
            #expect(error is ConfigError || error is LloydError, "\(key.path)=\(value.prefix(60)): \(said)")
            #expect(
                said.contains(key.path) && said.count < 4000, "\(key.path)=\(value.prefix(60)) [\(method)]: \(said)")
            return nil
        }
    }

    private func keys(of method: String) -> [any ConfigKey] {
        Methods.schema.keys.filter { key in
            let users = Methods.schema.methods(using: key)
            return key.path != "method" && (users.isEmpty || users.contains(method))
        }
    }

    @Test func everyMethodIsCovered() {
        #expect(Set(Self.configs.keys) == Set(Methods.schema.methods.map { $0.name }))
    }

    /// What a key takes by itself is tried together: all zeros, all empty texts and so on.
    @Test(arguments: configs.keys.sorted()) func areRefusedOrTrained(method: String) throws {
        let folder = try ScratchFolder()
        try folder.write(#require(Self.configs[method]), to: "small.yaml")
        for (number, value) in Self.values.enumerated() {
            let taken = try keys(of: method).filter { try made(method, $0, value) != nil }
            guard !taken.isEmpty else { continue }
            let settings = taken.flatMap { ["--set", "\($0.path)=\(value)"] }
            let result = try LloydProgram.runWithLittleMemory(
                ["train", "small.yaml", "--run", "run-\(number)", "--max-steps", "1"] + settings, folder: folder.path)
            #expect([0, 1, 2, 75].contains(result.status), "\(value.prefix(60)): \(result)")
            guard result.status == 1 || result.status == 2 else { continue }
            // Paths of data are named by their values.
            let names = taken.map(\.path) + [value.isEmpty ? "data" : String(value.prefix(60))]
            #expect(
                names.contains { result.standardError.contains($0) } && result.standardError.count < 20_000,
                "\(value.prefix(60)): \(result)")
        }
    }

    /// The ends of each key's range make a method, or an error that names the key.
    @Test(arguments: configs.keys.sorted()) func endsOfRanges(method: String) throws {
        var count = 0
        for key in keys(of: method) {
            let ends: [String] =
                switch key.kind {
                case .integer(let range): ["\(range.lowerBound)", "\(range.upperBound)"]
                case .real(let range): ["\(range.lowerBound)", "\(range.upperBound)"]
                case .integers(let range): ["[\(range.lowerBound)]", "[\(range.upperBound)]"]
                case .reals(let range): ["[\(range.lowerBound)]", "[\(range.upperBound)]"]
                case .positive(let most), .optionalPositive(let most): ["\(most)", "5e-324"]
                case .positives(let most): ["[\(most)]", "[5e-324]"]
                default: []
                }
            for end in ends {
                _ = try made(method, key, end)
                count += 1
            }
        }
        #expect(count >= 12)
    }

    /// What no machine can hold is refused before anything is allocated.
    @Test(arguments: [
        ("rrq", "data.count"), ("codebook-study", "study.train-count"), ("codebook-study", "study.test-count"),
        ("toy", "vq.samples"),
    ])
    func tooMuchForAnyMachine(method: String, key: String) throws {
        let folder = try ScratchFolder()
        try folder.write(#require(Self.configs[method]), to: "small.yaml")
        let result = try LloydProgram.runWithLittleMemory(
            ["train", "small.yaml", "--run", "run", "--set", "\(key)=\(1 << 40)"], folder: folder.path)
        #expect(result.status == 1 || result.status == 2, "\(result)")
        #expect(result.standardError.contains("`\(key)`") && result.standardError.contains("GiB"), "\(result)")
    }
}
