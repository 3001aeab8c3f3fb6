import Codec
import Datasets
import Foundation
import MethodKit
import NVTC
import TestSupport
import Testing

@testable import Commands

/// `lloyd encode`, `decode` and `evaluate` with NVTC models.
@Suite(.timeLimit(.minutes(15))) struct CodingCommandTests {
    private func run(lambdas: [Double], in folder: ScratchFolder) throws -> String {
        let config = try folder.write(LloydProgram.smallNVTC, to: "small.yaml")
        let architecture = try Config(file: config, settings: []).makeNVTCSettings().architecture
        let models = folder / "run/models"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        for lambda in lambdas {
            try NVTCModelFile.write(
                NVTCModel(architecture, seed: UInt64(lambda)), lambda: lambda, steps: 5, isRateConstrained: true,
                to: "\(models)/nvtc-\(Int(lambda)).safetensors")
        }
        return folder / "run"
    }

    private func images(_ sizes: [(Int, Int)], in folder: ScratchFolder) throws -> String {
        let path = folder / "images"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (index, (width, height)) in sizes.enumerated() {
            let leaves = DeadLeaves(count: 1, width: width, height: height, channels: 3, seed: UInt64(index))
            try VectorImages(leaves).image(0).writePNG(to: "\(path)/image-\(index).png")
        }
        return path
    }

    private func expect(
        _ arguments: [String], _ status: Int32 = 0, _ words: String = "", folder: String? = nil
    ) throws {
        let result = try LloydProgram.run(arguments, folder: folder)
        #expect(result.status == status, "\(arguments): \(result)")
        #expect(
            words.isEmpty || (result.standardOutput + result.standardError).contains(words), "\(arguments): \(result)")
    }

    @Test func imagesBecomeFilesAndBack() throws {
        let folder = try ScratchFolder()
        let run = try run(lambdas: [64, 256], in: folder)
        let image = try images([(150, 90)], in: folder) + "/image-0.png"
        let file = folder / "a.lloyd"
        try expect(["encode", "--model", run, image, file], 1, "several models")
        try expect(["encode", "--model", run, "--lambda", "7", image, file], 1, "no model of lambda 7")
        try expect(["encode", "--model", run, "--lambda", "64", image, file, "--verify"], 0, "the same indices")
        // Of the run's models the right one is found, also if it is not named.
        try expect(["decode", "--model", run, file, folder / "one.png"], 0, "150x90")
        try FileManager.default.createDirectory(atPath: folder / "here/runs", withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: run, toPath: folder / "here/runs/nvtc")
        try expect(["decode", file, folder / "two.png", "--threads", "2"], folder: folder / "here")
        #expect(try folder.bytes(of: "one.png") == folder.bytes(of: "two.png"))
        try expect(["decode", file, folder / "x.png"], 1, "--model", folder: folder.path)
        try folder.write(folder.bytes(of: "a.lloyd").dropLast(1), to: "cut.lloyd")
        try expect(["decode", folder / "cut.lloyd", folder / "x.png"], 1, "chunk", folder: folder / "here")
        try expect(["decode", image, folder / "x.png"], 1, "not a coded image", folder: folder / "here")
        try expect(["decode", folder / "none.lloyd", folder / "x.png"], 1, "does not exist", folder: folder / "here")
        try expect(["decode", file, folder / "x.png", "--pixel-limit", "100"], 1, "limit", folder: folder / "here")
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func evaluationsDependOnNeitherRanksNorThreads() throws {
        let folder = try ScratchFolder()
        let run = try run(lambdas: [64, 256], in: folder)
        let images = try images([(64, 64), (200, 170), (33, 80), (1, 1), (100, 100)], in: folder)
        var wanted: [[String]]?
        for (ranks, threads) in [(nil, 1), (1, 2), (2, 1), (3, 2)] as [(Int?, Int)] {
            let json = folder / "evaluation.json"
            let result = try LloydProgram.run(
                ["evaluate", run, "--data", images, "--json", json, "--threads", "\(threads)"], ranks: ranks)
            #expect(result.status == 0, "\(result)")
            let record = try JSONDecoder().decode(
                EvaluationRecord.self, from: Data(contentsOf: URL(fileURLWithPath: json)))
            #expect(record.points.map(\.lambda).compactMap { $0 }.sorted() == [64, 256])
            let found = record.points.map { point in
                point.images.map { "\($0.name) \($0.bytes) \($0.psnr) \($0.msSSIM ?? -1) \($0.layerBits ?? [])" }
            }
            if let wanted {
                #expect(found == wanted, "\(ranks ?? 0) ranks of \(threads) threads")
            } else {
                wanted = found
            }
            #expect(found[0].count == 5 && found[0][0].hasPrefix("image-0 "))
        }
        try expect(["evaluate", run], 1, "--data")
        try expect(["evaluate", run, "--data", images, "--lambda", "9"], 1, "no model of lambda 9")
        let tooMany = try LloydProgram.run(["evaluate", run, "--data", images], ranks: 6)
        #expect(tooMany.status == 1 && tooMany.standardError.contains("at most 5 ranks"), "\(tooMany)")
    }
}
