import ArgumentParser
import Codec
import Datasets
import Foundation
import NVTC
import Numerics

struct DamageTrial: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "damage",
        abstract: "Decodes thousands of damaged files and reads damaged models: each must be an error.",
        discussion: """
            An image is coded; its file is damaged in five ways (bits flipped, cut, spliced from itself, random bytes, and \
            chunks changed with their checksums made to fit, as a forger would), decoded in this process, and what happened is \
            counted. The trials follow from the seed.

            Examples:
              lloyd-bench damage
              lloyd-bench damage --model runs/nvtc-small/models/nvtc-256.safetensors --files 10000 --models 1000
            """)

    enum Kind: String, CaseIterable {
        case flipped, cut, spliced, random
        case forged
    }

    @Option(help: "The model to code with. (default: a small one with random weights)") var model: String?
    @Option(help: "Damaged files.") var files = 10_000
    @Option(help: "Damaged models.") var models = 1000
    @Option(help: "Seed of the trials.") var seed = 1

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-damage-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try model ?? smallModel(in: folder)
        try damageFiles(path)
        try damageModels(path, folder)
        print("Peak memory \(peakMegabytes()) MB")
    }

    // MARK: Coded files

    private func damageFiles(_ path: String) throws {
        let codec = try VectorTransformCodec(NVTCModelFile(path))
        let picture = DeadLeaves(count: 1, width: 300, height: 200, channels: 3, seed: 3)
        let whole = try codec.encode(VectorImages(picture).image(0)).file
        let bytes = whole.data
        let random = CounterRandom(seed: UInt64(seed), purpose: .test, step: 1)
        var counts: [Kind: (errors: Int, accepted: Int)] = [:]
        for trial in 0..<files {
            let kind = Kind.allCases[trial % Kind.allCases.count]
            let data = damaged(bytes, whole, kind, random.words(item: trial), trial)
            // Not every change is one: a splice may copy what was there.
            if data == bytes { continue }
            var count = counts[kind] ?? (0, 0)
            do {
                _ = try codec.decode(CodedFile(data, name: "damaged.lloyd", kinds: [whole.kind]), name: "damaged.lloyd")
                count.accepted += 1
            } catch is LloydError {
                count.errors += 1
            }
            counts[kind] = count
        }
        print("\(files) damaged files of \(bytes.count) bytes")
        for kind in Kind.allCases {
            let count = counts[kind] ?? (0, 0)
            print("  \(kind.rawValue): \(count.errors) errors, \(count.accepted) decoded")
        }
    }

    private func damaged(_ bytes: Data, _ whole: CodedFile, _ kind: Kind, _ draws: SIMD4<UInt32>, _ trial: Int) -> Data
    {
        var data = bytes
        let (first, second) = (Int(draws[0]) % bytes.count, Int(draws[1]) % bytes.count)
        switch kind {
        case .flipped:
            for flip in 0...Int(draws[2] % 8) {
                data[(first + flip * 977) % data.count] ^= UInt8(1 << ((Int(draws[3]) + flip) % 8))
            }
        case .cut:
            data = data.prefix(first)
        case .spliced:
            let length = min(Int(draws[2]) % 64 + 1, bytes.count - max(first, second))
            data.replaceSubrange(first..<first + length, with: bytes[second..<second + length])
        case .random:
            let noise = CounterRandom(seed: UInt64(seed), purpose: .test, step: 2)
            let count = Int(draws[2]) % (2 * bytes.count)
            let header = draws[3] % 2 == 0 ? bytes.prefix(Int(draws[3]) % 30) : Data()
            data = header + Data((0..<count).map { UInt8(truncatingIfNeeded: noise.words(item: trial, draw: $0)[0]) })
        case .forged:
            var file = whole
            let chunk = Int(draws[2]) % file.chunks.count
            let position = Int(draws[0]) % file.chunks[chunk].count
            if draws[3] % 2 == 0 {
                file.chunks[chunk][position] ^= UInt8(1 << (draws[3] / 2 % 8))
            } else {
                file.chunks[chunk] = file.chunks[chunk].prefix(position)
            }
            data = file.data
        }
        return data
    }

    // MARK: Models

    private func damageModels(_ path: String, _ folder: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let target = folder.appendingPathComponent("damaged.safetensors")
        let random = CounterRandom(seed: UInt64(seed), purpose: .test, step: 3)
        let header = 8 + Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        var (errors, accepted) = (0, 0)
        for trial in 0..<models {
            var data = bytes
            let draws = random.words(item: trial)
            // Every other position is in the header, which is a small part of the file.
            let position = Int(draws[0]) % (trial % 2 == 0 ? header : bytes.count)
            switch trial / 2 % 3 {
            case 0: data[position] ^= UInt8(1 << (draws[1] % 8))
            case 1: data.removeLast(data.count - position)
            default:
                let other = Int(draws[1]) % bytes.count
                let length = min(Int(draws[2]) % 4096 + 1, bytes.count - max(position, other))
                for offset in 0..<length { data[position + offset] = bytes[other + offset] }
            }
            if data == bytes { continue }
            try Data(data).write(to: target)
            do {
                _ = try NVTCModelFile(target.path).model()
                accepted += 1
            } catch is LloydError {
                errors += 1
            }
        }
        print("\(models) damaged models of \(bytes.count) bytes: \(errors) errors, \(accepted) accepted")
    }

    private func smallModel(in folder: URL) throws -> String {
        var architecture = NVTCArchitecture.paper
        for stage in architecture.stages.indices {
            architecture.stages[stage].width = 16
            architecture.stages[stage].layers = 2
            architecture.stages[stage].units = 1
        }
        architecture.scalingBlocks = 1
        let path = folder.appendingPathComponent("nvtc-256.safetensors").path
        try NVTCModelFile.write(
            NVTCModel(architecture, seed: 1), lambda: 256, steps: 0, isRateConstrained: true, to: path)
        return path
    }

    private func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss >> 10
    }
}
