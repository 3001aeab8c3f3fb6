import Foundation

/// A labeled value of an axis.
package struct Tick: Equatable {
    /// In the axis' units.
    package var value: Double
    /// What stands there; `superscript` is a power's exponent behind it.
    package var label: String
    /// An exponent behind the label; empty for none.
    package var superscript = ""

    /// Width of label and exponent in px.
    package func width(size: Double) -> Double {
        TextMetrics.width(label, size: size) + TextMetrics.width(superscript, size: 0.78 * size)
    }
}

/// Chooses round values for an axis: 1, 2 or 5 times a power of ten, never more than fit.
///
///     let ticks = AxisTicks(domain, atMost: 8)
///     ticks.major.map(\.label)                   // ["0", "20", "40", "60", "80", "100"]
///     ticks.minor                                // marks without labels; logarithmic axes only
package struct AxisTicks {
    /// Ticks with labels, in ascending order.
    package let major: [Tick]
    /// Values of ticks without labels; on logarithmic axes only.
    package let minor: [Double]

    package init(major: [Tick], minor: [Double]) {
        self.major = major
        self.minor = minor
    }

    /// - Parameters:
    ///   - maximum: the most ticks with labels, at least 2.
    ///   - wanted: the values that ticks stand at; nil for round ones.
    package init(_ domain: AxisDomain, atMost maximum: Int, wanted: [Double]? = nil) {
        let limit = max(2, maximum)
        if let wanted {
            let values = wanted.filter(domain.contains)
            major = domain.scale == .log10 ? Self.logarithmicLabels(values) : Self.labelsForGiven(values)
            minor = []
        } else if domain.scale == .linear {
            major = Self.linear(domain, atMost: limit)
            minor = []
        } else {
            (major, minor) = Self.logarithmic(domain, atMost: limit)
        }
    }

    // MARK: linear

    private static func linear(_ domain: AxisDomain, atMost maximum: Int) -> [Tick] {
        let range = domain.upper - domain.lower
        var exponent = Int(floor(log10(range / Double(maximum)))) - 1
        while true {
            for mantissa in [1.0, 2, 5] {
                let step = mantissa * pow(10, Double(exponent))
                let first = (domain.lower / step - 1e-9).rounded(.up)
                let last = (domain.upper / step + 1e-9).rounded(.down)
                guard last - first + 1 <= Double(maximum) else { continue }
                guard abs(first) < 1e15, abs(last) < 1e15, first <= last else {
                    return labels([domain.lower, domain.upper], step: range)
                }
                let values = (Int(first)...Int(last)).map { index in
                    // Dividing by a power of ten is exact where multiplying by 0.1 is not.
                    exponent < 0
                        ? Double(index) * mantissa / pow(10, Double(-exponent)) : Double(index) * step
                }
                return labels(values, step: step)
            }
            exponent += 1
        }
    }

    /// Labels with as many decimals as the step needs; powers of ten if plain digits would be too many.
    package static func labels(_ values: [Double], step: Double) -> [Tick] {
        let largest = values.map(abs).max() ?? 0
        guard largest > 0 else { return values.map { Tick(value: $0, label: "0") } }
        if largest >= 1e7 || largest < 0.99e-3 || step < 0.99e-7 {
            let power = Int(floor(log10(largest) + 1e-9))
            let unit = pow(10, Double(power))
            let decimals = min(15, max(0, Int(ceil(log10(unit / step) - 1e-9))))
            return values.map {
                $0 == 0
                    ? Tick(value: 0, label: "0")
                    : Tick(
                        value: $0, label: NumberText.fixed($0 / unit, decimals: decimals) + "×10",
                        superscript: NumberText.integer(power))
            }
        }
        let decimals = min(12, max(0, Int(ceil(-log10(step) - 1e-9))))
        return values.map { Tick(value: $0, label: NumberText.fixed($0, decimals: decimals)) }
    }

    /// Values the caller chose need not share a step: the finest of them sets the decimals of all.
    private static func labelsForGiven(_ values: [Double]) -> [Tick] {
        let largest = values.map(abs).max() ?? 0
        if largest >= 1e7 { return logarithmicLabels(values) }
        let decimals = (0...8).first { decimals in
            values.allSatisfy {
                abs(($0 * pow(10, Double(decimals))).rounded() - $0 * pow(10, Double(decimals))) < 1e-6
            }
        }
        return values.map { Tick(value: $0, label: NumberText.fixed($0, decimals: decimals ?? 8)) }
    }

    // MARK: logarithmic

    private static func logarithmic(_ domain: AxisDomain, atMost maximum: Int) -> (major: [Tick], minor: [Double]) {
        let first = Int(floor(log10(domain.lower) + 1e-9))
        let last = Int(floor(log10(domain.upper) + 1e-9))
        func values(_ mantissas: [Double], every stride: Int = 1) -> [Double] {
            var chosen: [Double] = []
            for exponent in first...last where exponent % stride == 0 {
                for mantissa in mantissas {
                    let value =
                        exponent < 0 ? mantissa / pow(10, Double(-exponent)) : mantissa * pow(10, Double(exponent))
                    if domain.contains(value) { chosen.append(value) }
                }
            }
            return chosen
        }
        let decades = values([1])
        if decades.count > maximum {
            let stride = (decades.count + maximum - 1) / maximum
            return (logarithmicLabels(values([1], every: stride)), stride == 1 ? [] : decades)
        }
        let minor = decades.count <= 6 ? values([2, 3, 4, 5, 6, 7, 8, 9]) : []
        for mantissas in [[1, 2, 5], [1, 3]] as [[Double]] {
            let chosen = values(mantissas)
            if chosen.count >= 3 && chosen.count <= maximum && decades.count < 5 {
                return (logarithmicLabels(chosen), minor)
            }
        }
        // Less than a decade: round steps read better than lonely powers.
        if decades.count < 2 {
            let steps = linear(domain, atMost: maximum).filter { $0.value > 0 }
            if steps.count > decades.count { return (steps, []) }
        }
        return (logarithmicLabels(decades), minor)
    }

    /// Plain digits from a thousandth to ten thousand, powers beyond; one notation for the whole axis.
    private static func logarithmicLabels(_ values: [Double]) -> [Tick] {
        let plain = values.allSatisfy { abs($0) >= 0.99e-3 && abs($0) <= 1.01e4 || $0 == 0 }
        return values.map { value in
            if value == 0 { return Tick(value: 0, label: "0") }
            let exponent = Int(floor(log10(abs(value)) + 1e-9))
            if plain { return Tick(value: value, label: NumberText.short(value)) }
            let mantissa = value / pow(10, Double(exponent))
            let front = abs(mantissa - 1) < 1e-6 ? "10" : NumberText.short(mantissa) + "×10"
            return Tick(value: value, label: front, superscript: NumberText.integer(exponent))
        }
    }
}
