import Datasets
import Foundation
import Messaging
import MethodKit
import TestSupport
import Testing
import Training

@testable import ToySources

private typealias Parts = FinishedParts<ToyRecord.Point>

/// Whole studies in process: against published numbers, on several ranks, and interrupted.
@Suite(.timeLimit(.minutes(30))) struct ToyStudyTests {
    /// Runs a study into a folder; an interruption comes after so many steps.
    private func run(
        _ settings: ToySettings, in folder: ScratchFolder, ranks: Int = 1, resuming: Bool = false, steps: Int? = nil
    ) throws -> ToyRecord? {
        let path = folder.path
        let records = try InProcessCommunicator.run(size: ranks) { world in
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 6)
            loop.stopRequested = { [unowned loop] in steps.map { loop.steps >= $0 } ?? false }
            loop.onArtifact = { artifact in
                let file = path + "/" + artifact.path
                try FileManager.default.createDirectory(
                    atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try artifact.write(file)
            }
            let parts = try resuming ? Parts(resuming: path, metricRows: .max) : Parts(runFolder: path)
            return try ToyStudy(settings: settings).run(RunContext(loop: loop, path: path, parts: parts))
        }
        // Only the coordinator's record names the files of pictures.
        func measured(_ record: ToyRecord?) -> [Double]? {
            record?.points.flatMap { [$0.bitsPerDimension, $0.meanSquaredError] }
        }
        for record in records { #expect(measured(record) == measured(records[0]), "every rank has measured the same") }
        return records[0]
    }

    private func gaussian(_ codewords: [Int], samples: Int = 60_000) -> ToySettings {
        var settings = ToySettings(source: "normaliid", dimension: 1)
        settings.methods = [.vq]
        settings.vq.codewords = codewords
        settings.vq.samples = samples
        settings.testSamples = samples
        return settings
    }

    /// Distortion and entropy of the optimal quantizers of a unit Gaussian with 2, 4 and 8 levels.
    ///
    /// Source: Max, "Quantizing for minimum distortion", 1960, table I.
    @Test func vectorQuantizationInOneDimensionIsTheLloydMaxQuantizer() throws {
        let folder = try ScratchFolder()
        let record = try #require(try run(gaussian([2, 4, 8]), in: folder))
        let curve = record.curve(of: .vq)
        #expect(curve.map(\.codewords) == [2, 4, 8] && curve.map(\.alive) == [2, 4, 8])
        for (point, wanted) in zip(curve, [(0.3634, 1.0), (0.1175, 1.911), (0.03454, 2.825)]) {
            #expect(abs(point.meanSquaredError / wanted.0 - 1) < 0.03, "\(point)")
            #expect(abs(point.bitsPerDimension - wanted.1) < 0.03, "\(point)")
        }
        // Levels of the quantizer with four: symmetric, +-0.4528 and +-1.510.
        let levels = try SafeTensors(folder / "models/vq-4.safetensors").elements("codewords", as: Float.self).sorted()
        for (level, wanted) in zip(levels, [-1.510, -0.4528, 0.4528, 1.510] as [Float]) {
            #expect(abs(level - wanted) < 0.04, "\(levels)")
        }
    }

    /// No quantizer is better than the rate-distortion function, and more levels cost rate and save distortion.
    @Test func curvesAreMonotoneAndAboveTheBoundOfShannon() throws {
        let record = try #require(try run(gaussian([2, 3, 5, 9, 17], samples: 20_000), in: ScratchFolder()))
        let curve = record.curve(of: .vq)
        for (lower, upper) in zip(curve, curve.dropFirst()) {
            #expect(lower.bitsPerDimension < upper.bitsPerDimension)
            #expect(lower.meanSquaredError > upper.meanSquaredError)
        }
        for point in curve {
            let bound = 0.5 * log2(1 / point.meanSquaredError)
            // A quarter of a bit is what uniform cells lose at high rates; few unequal ones lose up to a half here.
            #expect(point.bitsPerDimension > bound - 0.01 && point.bitsPerDimension < bound + 0.5, "\(point), \(bound)")
        }
    }

    private var planar: ToySettings {
        var settings = ToySettings(source: "boomerang", dimension: 2)
        settings.methods = [.vq, .ntc]
        settings.testSamples = 600
        settings.vq.codewords = [4, 9]
        settings.vq.samples = 1000
        settings.vq.iterations = 4
        settings.ntcLambdas = [8, 16]
        settings.transform.width = 8
        settings.transform.blocks = 1
        settings.transform.batch = 24
        settings.transform.microBatch = 4
        settings.transform.steps = 6
        settings.transform.warmSteps = 4
        settings.transform.starts = 2
        settings.transform.startSteps = 3
        return settings
    }

    private func contents(_ folder: ScratchFolder) throws -> [String: Data] {
        try Dictionary(uniqueKeysWithValues: folder.files(below: ".").map { ($0, try folder.bytes(of: $0)) })
    }

    @Test func theSameBytesOnAnyNumberOfRanksAndWhenResumed() throws {
        let whole = try ScratchFolder()
        let record = try #require(try run(planar, in: whole))
        let wanted = try contents(whole)
        #expect(wanted.keys.contains("points/ntc-16.json") && wanted.keys.contains("partitions/ntc-16.safetensors"))
        for ranks in [2, 3] {
            let folder = try ScratchFolder()
            #expect(try run(planar, in: folder, ranks: ranks) == record)
            #expect(try contents(folder) == wanted, "\(ranks) ranks")
        }
        let resumed = try ScratchFolder()
        var legs = 0
        var result: ToyRecord?
        repeat {
            result = try run(planar, in: resumed, ranks: 1 + legs % 3, resuming: legs > 0, steps: 8 << legs)
            legs += 1
        } while result == nil && legs < 12
        #expect(legs > 1 && result == record, "\(legs) legs")
        // Files of points hold how many rows of metrics there were, which a run without a metrics file starts anew.
        let found = try contents(resumed).filter { !$0.key.hasPrefix("points/") }
        #expect(found == wanted.filter { !$0.key.hasPrefix("points/") })
    }
}

@Suite struct PointStoreTests {
    private func point(_ method: ToyMethod, lambda: Double? = nil, codewords: Int? = nil) -> ToyRecord.Point {
        ToyRecord.Point(
            method: method, lambda: lambda, codewords: codewords, alive: 3, bitsPerDimension: 1.5,
            meanSquaredError: 0.25, trainingSamples: 100, trainingSteps: 7)
    }

    /// A store with two finished points.
    private func fill(_ folder: ScratchFolder) throws -> PointStore {
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        loop.onArtifact = { artifact in
            try FileManager.default.createDirectory(
                atPath: (folder / artifact.path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try artifact.write(folder / artifact.path)
        }
        let store = PointStore(parts: Parts(runFolder: folder.path))
        try store.add(point(.ntc, lambda: 64), name: "ntc-64", loop)
        try store.add(point(.vq, codewords: 4), name: "vq-4", loop)
        return store
    }

    @Test func pointsComeBackAsTheyWereAdded() throws {
        let folder = try ScratchFolder()
        let store = try fill(folder)
        #expect(store.holds("ntc-64") && store.holds("vq-4") && !store.holds("vq-64"))
        let parts = try Parts(resuming: folder.path, metricRows: 2)
        let back = PointStore(parts: parts)
        #expect(back.points == store.points)
        #expect(parts.metricRows == 2, "a row for each point")
        #expect(back.holds("ntc-64") && back.holds("vq-4") && !back.holds("vq-64"))
    }

    @Test func aFolderWithoutPointsIsAnEmptyStore() throws {
        let parts = try Parts(resuming: ScratchFolder().path, metricRows: 0)
        #expect(parts.all.isEmpty && parts.metricRows == 0)
    }

    @Test(arguments: ["", "{}", "[1, 2", "{\"point\": 3, \"metricRows\": 1}"])
    func aDamagedPointIsNamed(text: String) throws {
        let folder = try ScratchFolder()
        _ = try fill(folder)
        try folder.write(text, to: "points/vq-4.json")
        do {
            _ = try Parts(resuming: folder.path, metricRows: 2)
            Issue.record("a damaged point was read")
        } catch {
            #expect("\(error)".contains("points/vq-4.json") && "\(error)".contains("trained again"), "\(error)")
        }
    }
}
