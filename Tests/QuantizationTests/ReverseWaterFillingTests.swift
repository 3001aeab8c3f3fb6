import Foundation
import Numerics
import Testing

@testable import Quantization

@Suite struct ReverseWaterFillingTests {
    @Test func theSourceOfTableOne() {
        let variances = (1...1000).map { exp(-0.01 * Double($0)) }
        let allocation = ReverseWaterFilling(variances: variances, rate: 8)
        #expect(abs(allocation.waterLevel - 0.6213) < 5e-5)
        #expect(allocation.active == Array(0..<47))
        #expect(abs(allocation.distortion / variances.reduce(0, +) - 0.91847) < 5e-6)
        #expect(abs(allocation.rates.reduce(0, +) - 8) < 1e-9)
    }

    /// Eq. 1 and 2 and the conditions of optimality, for variances in no order, with zeros and equal ones.
    @Test func randomVariances() {
        let random = CounterRandom(seed: 3, purpose: .test)
        for problem in 0..<400 {
            let count = 1 + random.integer(below: 60, item: problem)
            var variances = (0..<count).map { exp(20 * random.uniform(item: problem, draw: 10 + $0) - 10) }
            for index in 0..<count {
                let kind = random.integer(below: 6, item: problem, draw: 1000 + index)
                if kind == 0 { variances[index] = 0 }
                if kind == 1 { variances[index] = variances[0] }
            }
            let rate = 12 * random.uniform(item: problem, draw: 1)
            let result = ReverseWaterFilling(variances: variances, rate: rate)
            guard variances.contains(where: { $0 > 0 }) else {
                #expect(result.active.isEmpty && result.waterLevel == 0 && result.distortion == 0)
                continue
            }
            let level = result.waterLevel
            #expect(level > 0)
            #expect(abs(result.rates.reduce(0, +) - rate) < 1e-9 * max(1, rate))
            #expect(result.active == variances.indices.filter { variances[$0] > level })
            #expect(result.rates.allSatisfy { $0 >= 0 })
            for (index, dimension) in result.active.enumerated() {
                #expect(result.codewordVariances[index] == variances[dimension] - level)
            }
            let distortion = variances.reduce(0) { $0 + min($1, level) }
            #expect(abs(result.distortion - distortion) <= 1e-12 * distortion)
            // No other division of the rate between two dimensions leaves less distortion.
            for trial in 0..<20 {
                let first = random.integer(below: count, item: problem, draw: 2000 + trial)
                let second = random.integer(below: count, item: problem, draw: 3000 + trial)
                guard first != second, variances[first] > 0, variances[second] > 0 else { continue }
                let rates = [first, second].map { max(0, 0.5 * log2(variances[$0] / level)) }
                func left(_ shift: Double) -> Double {
                    variances[first] * exp2(-2 * (rates[0] - shift)) + variances[second] * exp2(-2 * (rates[1] + shift))
                }
                for shift in [-0.01, 0.01] where rates[0] - shift >= 0 && rates[1] + shift >= 0 {
                    #expect(left(shift) >= left(0) * (1 - 1e-12))
                }
            }
        }
    }

    @Test func equalVariancesShareTheRate() {
        let result = ReverseWaterFilling(variances: [2, 2, 2, 2], rate: 8)
        #expect(result.active == [0, 1, 2, 3])
        for rate in result.rates { #expect(abs(rate - 2) < 1e-12) }
        #expect(abs(result.waterLevel - 2 / 16) < 1e-12)
    }

    @Test func oneDimension() {
        let result = ReverseWaterFilling(variances: [3], rate: 1)
        #expect(abs(result.waterLevel - 0.75) < 1e-12)
        #expect(abs(result.codewordVariances[0] - 2.25) < 1e-12)
        #expect(abs(result.distortion - 0.75) < 1e-12)
    }

    @Test func nothingToAllocate() {
        for variances in [[], [0], [0, 0, 0]] as [[Double]] {
            let result = ReverseWaterFilling(variances: variances, rate: 8)
            #expect(result.active.isEmpty && result.rates.isEmpty && result.codewordVariances.isEmpty)
            #expect(result.distortion == 0)
        }
    }

    @Test func noRateLeavesEverything() {
        let variances = [1.0, 0.25, 3, 0]
        let result = ReverseWaterFilling(variances: variances, rate: 0)
        #expect(abs(result.distortion - 4.25) < 1e-12)
        #expect(abs(result.rates.reduce(0, +)) < 1e-12)
    }
}
