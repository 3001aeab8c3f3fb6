import Testing

@testable import Reporting

@Suite struct AxisTicksTests {
    func labels(_ low: Double, _ high: Double, _ scale: Axis.Scale = .linear, atMost count: Int = 8) -> [String] {
        AxisTicks(AxisDomain(lower: low, upper: high, scale: scale), atMost: count).major.map {
            $0.superscript.isEmpty ? $0.label : "\($0.label)^\($0.superscript)"
        }
    }

    @Test func linearTicksAreRound() {
        #expect(labels(0, 100) == ["0", "20", "40", "60", "80", "100"])
        #expect(labels(-0.31, 0.3) == ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"])
        #expect(labels(0.1, 0.3, atMost: 3) == ["0.1", "0.2", "0.3"])
        #expect(labels(0, 50_000, atMost: 6) == ["0", "10,000", "20,000", "30,000", "40,000", "50,000"])
        #expect(labels(0, 2e-7, atMost: 3) == ["0", "1×10^−7", "2×10^−7"])
        #expect(labels(0, 3e9, atMost: 4) == ["0", "1×10^9", "2×10^9", "3×10^9"])
    }

    @Test func tickValuesAreExact() {
        let ticks = AxisTicks(AxisDomain(lower: 0, upper: 1, scale: .linear), atMost: 11).major
        #expect(ticks.map(\.value) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    }

    /// Over many ranges: never more ticks than allowed, always inside, never fewer than one, evenly spaced.
    @Test func linearTicksFitAnyRange() {
        for exponent in [-200, -12, -5, -1, 0, 2, 9, 200] {
            for (low, high) in [(0.0, 1.0), (0.137, 9.93), (-3.7, 2.2), (99.0, 101.0), (-1e-3, 1.0)] {
                let scale =
                    exponent < 0
                    ? 1 / Double(sign: .plus, exponent: -exponent, significand: 1)
                    : Double(sign: .plus, exponent: exponent, significand: 1)
                let domain = AxisDomain(lower: low * scale, upper: high * scale, scale: .linear)
                for limit in 2...12 {
                    let values = AxisTicks(domain, atMost: limit).major.map(\.value)
                    #expect(values.count <= limit && !values.isEmpty)
                    #expect(values.allSatisfy(domain.contains))
                    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
                    #expect(steps.allSatisfy { abs($0 - steps[0]) < 1e-6 * steps[0] })
                }
            }
        }
    }

    @Test func logarithmicTicks() {
        #expect(labels(0.09, 2.1, .log10) == ["0.1", "0.2", "0.5", "1", "2"])
        #expect(labels(1e-6, 1e3, .log10, atMost: 10).first == "10^−6")
        #expect(labels(1, 1e4, .log10, atMost: 5) == ["1", "10", "100", "1000", "10,000"])
        let many = AxisTicks(AxisDomain(lower: 1e-40, upper: 1e40, scale: .log10), atMost: 8).major
        #expect(many.count <= 8 && many.count >= 3)
        // Less than a decade: steps, not one lonely power.
        #expect(labels(22, 38, .log10, atMost: 9).count >= 3)
    }

    @Test(arguments: [[0.5, 1e300], [1e-300, 1], [1e-300, 1e300], [1e300, 1e300], [-1e300, 1e300]])
    func extremeValuesHaveTicks(values: [Double]) {
        for scale in [Axis.Scale.linear, .log10] {
            let axis = Axis("x", scale: scale)
            for fit in [Axis.Fit.snug, .airy, .fromZero, .exact] {
                let domain = axis.domain(of: values, fit: fit).domain
                #expect(domain.lower.isFinite && domain.upper.isFinite && domain.lower < domain.upper)
                #expect(scale == .linear || domain.lower > 0)
                #expect(!AxisTicks(domain, atMost: 8, wanted: nil).major.isEmpty)
            }
        }
    }

    @Test func domainsOfDifficultData() {
        let axis = Axis("a")
        #expect(axis.domain(of: [], fit: .airy).domain == AxisDomain(lower: 0, upper: 1, scale: .linear))
        let same = axis.domain(of: [5, 5], fit: .snug).domain
        #expect(same.lower < 5 && same.upper > 5)
        let nan = axis.domain(of: [.nan, 1, .infinity, 3], fit: .exact).domain
        #expect(nan == AxisDomain(lower: 1, upper: 3, scale: .linear))
        let huge = axis.domain(of: [-1e308, 1e308, 1], fit: .airy).domain
        #expect(huge.upper - huge.lower < 10)
        #expect(axis.domain(of: [2, 3], fit: .fromZero).domain.lower == 0)
        // Counts never go below zero for the sake of air.
        #expect(axis.domain(of: [0, 10], fit: .snug).domain.lower == 0)
        let log = Axis("b", scale: .log10).domain(of: [-1, 0, 0.5, 2], fit: .exact).domain
        #expect(abs(log.lower - 0.5) < 1e-12 && abs(log.upper - 2) < 1e-12)
    }

    @Test func impossibleEndsAreSaid() {
        let turned = Axis("a", from: 3, to: 1).domain(of: [0, 10], fit: .exact)
        #expect(turned.domain == AxisDomain(lower: 0, upper: 10, scale: .linear))
        #expect(turned.note != nil)
        #expect(Axis("a", scale: .log10, from: 0).domain(of: [1, 10], fit: .exact).note != nil)
        let good = Axis("a", from: 22).domain(of: [24, 30], fit: .exact)
        #expect(good.note == nil && good.domain.lower == 22)
    }

    @Test func numbersAsText() {
        #expect(NumberText.fixed(-0.0004, decimals: 2) == "0.00")
        #expect(NumberText.fixed(.nan, decimals: 2) == "–")
        #expect(NumberText.fixed(1234567.25, decimals: 1) == "1,234,567.2")
        #expect(NumberText.short(0.45) == "0.45")
        #expect(NumberText.short(26.123) == "26.12")
        #expect(NumberText.short(1.5e-7) == "1.5e−7")
        #expect(NumberText.short(0) == "0")
    }
}
