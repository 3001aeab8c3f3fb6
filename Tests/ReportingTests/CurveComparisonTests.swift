import Foundation
import Testing

@testable import Reporting
@testable import ToySources

@Suite struct CurveComparisonTests {
    /// NTC over ECVQ from the published points, by SciPy 1.17's PchipInterpolator over log10 of the rate.
    @Test(arguments: [
        ("normaliid", 2, -0.15011626346556006), ("normaliid", 4, -0.29970932078310875),
        ("normaliid", 8, -0.49311123479514), ("normaliid", 16, -0.5646344757676066),
        ("banana", 2, -0.13191981943878303), ("boomerang", 2, -0.3435763132073931),
        ("sphere99", 2, -0.8139560985655139),
    ])
    func publishedCurvesAgreeWithSciPy(source: String, dimension: Int, expected: Double) throws {
        let record = ToyRecord(title: "", source: source, dimension: dimension, testSamples: 1, seed: 1, points: [])
        let published = try PublishedToyCurves(path: SyntheticToyRun.publishedFile)
        let deltas = ToyDeltas(ToyCurves(record: record, published: published))
        let comparison = try #require(deltas.over(.ntc, published: true))
        #expect(try abs(#require(comparison.quality) - expected) < 1e-10)
        #expect(comparison.problem == nil)
    }

    private func line(_ name: String, _ rates: [Double], offset: Double = 0) -> RateDistortionCurve {
        RateDistortionCurve(name: name, rates: rates, qualities: rates.map { 6 * $0 + offset })
    }

    @Test func tooLittleInCommonIsUndefinedWithTheReason() throws {
        let long = line("long", [1, 2, 3, 4])
        let apart = CurveComparison(line("apart", [5, 6]), against: long)
        #expect(apart.quality == nil && apart.rate == nil && apart.rates == nil)
        #expect(try #require(apart.problem).contains("no rates in common"))
        let sliver = CurveComparison(line("sliver", [3.8, 5, 6, 7]), against: long)
        #expect(sliver.quality == nil && sliver.rate == nil)
        #expect(sliver.rates == 3.8...4)
        #expect(try #require(sliver.problem).contains("only 8 % of the shorter one's rates"))
        // A short curve inside a long one is compared, however short it is.
        let short = CurveComparison(line("short", [2.5, 2.6], offset: 0.3), against: long)
        #expect(try abs(#require(short.quality) - 0.3) < 0.01 && short.problem == nil)
        let single = CurveComparison(line("single", [2]), against: long)
        #expect(single.quality == nil)
        #expect(try #require(single.problem).contains("1 point(s)"))
    }

    /// A codebook of one codeword has the rate zero: its point is left out, not an error.
    @Test func pointsOfNoRateAreLeftOut() throws {
        let anchor = line("anchor", [0.5, 1, 2])
        let with = CurveComparison(line("with", [0, 0.5, 1, 2], offset: 0.1), against: anchor)
        let without = CurveComparison(line("without", [0.5, 1, 2], offset: 0.1), against: anchor)
        #expect(with.quality == without.quality && with.rate == without.rate && with.problem == nil)
        #expect(try abs(#require(with.quality) - 0.1) < 1e-9)
    }

    @Test func qualityBetweenPoints() throws {
        let curve = line("line", [2, 1, 3, 3])
        #expect(try abs(#require(curve.quality(at: 1.7)) - 10.2) < 1e-9)
        #expect(curve.quality(at: 0.9) == nil && curve.quality(at: 3.1) == nil)
        #expect(try abs(#require(curve.quality(at: 3)) - 18) < 1e-9)
        #expect(line("point", [1]).quality(at: 1) == nil)
    }
}
