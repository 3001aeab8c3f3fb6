import Datasets
import Foundation
import Messaging
import Neural
import Numerics
import TestSupport
import Testing
import Training

@testable import NVTC

@Suite struct DescentTests {
    private func descent(_ settings: NVTCSettings = Small.settings(), seed: UInt64 = 1) -> NVTCDescent {
        NVTCDescent(
            NVTCModel(settings.architecture, seed: seed), settings, lambda: 64, from: .newWeights, images: Small.images,
            threads: 1)
    }

    private func run(_ descent: NVTCDescent, stoppingAfter stop: Int? = nil) throws -> [MetricRow] {
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        var rows: [MetricRow] = []
        loop.onMetrics = { rows.append($0) }
        loop.stopRequested = { descent.step + 1 == stop }
        _ = try loop.run(descent, shards: descent.microBatches)
        return rows
    }

    @Test func stagesQuantizeFromTheirStepOnAndRatesFollow() {
        let settings = Small.settings()
        let expected = [
            (0, [false, true], false), (3, [false, true], false), (4, [true, true], false), (8, [true, true], true),
        ]
        for (step, stages, rates) in expected {
            let phase = settings.phase(step: step, from: .newWeights)
            #expect(phase.quantized.map { $0[0] } == stages, "step \(step)")
            #expect(phase.conditional == rates && phase.rateConstrained == rates, "step \(step)")
        }
        #expect(settings.phase(step: 0, from: .trainedModel) == .full(settings.architecture))
        var random = settings
        random.initialization.kind = .random
        #expect(random.phase(step: 0, from: .newWeights) == .full(settings.architecture))
        var unconstrained = settings
        unconstrained.training.rateConstrained = false
        #expect(unconstrained.phase(step: 99, from: .newWeights).rateConstrained == false)
    }

    /// Training makes the loss smaller, and says so in rows that all have the same columns.
    @Test func trainingLowersTheLoss() throws {
        var settings = Small.settings()
        settings.initialization.kind = .random
        settings.training.steps = 120
        settings.training.logInterval = 20
        let rows = try run(descent(settings))
        #expect(rows.count == 6 && Set(rows.map { $0.fields.map(\.name) }).count == 1)
        func loss(_ row: MetricRow) -> Double {
            guard case .real(let value)? = row["loss"] else { return .nan }
            return value
        }
        #expect(loss(rows[5]) < 0.8 * loss(rows[0]), "\(rows.map(loss))")
    }

    @Test func codewordsThatNobodyChoosesBecomeCopiesOfThoseThatManyDo() throws {
        let settings = Small.settings()
        let descent = descent(settings)
        _ = try run(descent)
        let model = descent.model
        let usage = CodewordUsage(model.architecture)
        let quantizer = model.layers[1][1].quantizer
        // In the layer that is decoded first, position 0: everybody chose codeword 3, and position 1: nobody anything.
        usage.counts[usage.range(layer: 0, position: 0).lowerBound + 3] = 100
        let before = model.parameters.snapshot()
        let revived = ProgressiveInitialization.revive(
            model, descent.adam, usage, .full(model.architecture), settings.initialization, seed: 1, step: 4)
        #expect(revived == quantizer.codewords - 1)
        let values = quantizer.codebook.values
        let original = (0..<3).map { values[3 * 3 + $0] }
        for codeword in 0..<quantizer.codewords where codeword != 3 {
            let own = (0..<3).map { values[codeword * 3 + $0] }
            #expect(own != original)
            for component in 0..<3 { #expect(abs(own[component] - original[component]) < 0.06) }
            let offset = quantizer.codebook.offset + codeword * 3
            #expect((offset..<offset + 3).allSatisfy { descent.adam.state.squares[$0] == 0 })
        }
        // The original and everything else stay, but for the position's logits.
        let changed = (0..<before.count).filter { before[$0] != model.parameters.values[$0] }
        let codebook = quantizer.codebook.offset..<quantizer.codebook.offset + quantizer.codewords * 3
        let logits = quantizer.logits.offset..<quantizer.logits.offset + quantizer.codewords
        #expect(changed.allSatisfy { codebook.contains($0) || logits.contains($0) })
        #expect((0..<3).allSatisfy { before[codebook.lowerBound + 9 + $0] == original[$0] })
    }

    @Test(arguments: [1, 6, 9, 15]) func aStateGoesOnWithTheSameBytes(stop: Int) throws {
        let whole = descent()
        let rows = try run(whole)
        let first = descent()
        let before = try run(first, stoppingAfter: stop)
        #expect(first.step == stop)
        let second = descent(seed: 77)
        try second.restore(try #require(first.state()))
        let after = try run(second)
        let (a, b) = (whole.model.parameters.values, second.model.parameters.values)
        #expect((0..<a.count).allSatisfy { a[$0] == b[$0] })
        #expect(second.step == 16)
        let (found, wanted): ([String], [String]) = ((before + after).map(\.json), rows.map(\.json))
        #expect(found == wanted)
    }

    @Test func aStateOfAnotherModelIsRefused() throws {
        let first = descent()
        #expect(first.state() == nil, "nothing is worth keeping yet")
        _ = try run(first, stoppingAfter: 2)
        let state = try #require(first.state())
        var other = Small.settings()
        other.architecture.stages[0].width = 14
        #expect(throws: LloydError.self) { try self.descent(other).restore(state) }
    }

    @Test func aLossThatIsNotFiniteStopsTheTraining() throws {
        var settings = Small.settings()
        settings.training.learningRate = 1e12
        settings.initialization.kind = .random
        settings.training.steps = 50
        let error = #expect(throws: LloydError.self) { _ = try self.run(self.descent(settings)) }
        #expect("\(error!)".contains("training.learning-rate") && "\(error!)".contains("not a finite number"))
    }

    /// Every image counts once, and as often as there are shards beyond them nothing is added.
    @Test func validationMeasuresEveryImageOnce() throws {
        let model = NVTCModel(Small.architecture, seed: 4)
        func results(shards: Int) throws -> [NVTCValidation.Result] {
            let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
            loop.stopRequested = { false }
            let validation = NVTCValidation(model, lambda: 64, rateConstrained: true, images: Small.images)
            _ = try loop.run(validation, shards: shards)
            return validation.results
        }
        let found = try results(shards: 6)
        #expect(found.count == 6 && Set(found.map(\.name)).count == 6)
        #expect(try results(shards: 9) == found)
        for result in found {
            #expect(abs(result.layers.reduce(0, +) - result.bitsPerPixel) < 1e-9 && result.psnr > 0)
        }
    }
}
