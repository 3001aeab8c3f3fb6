import Datasets
import Foundation
import Numerics
import Testing

struct ToySourceTests {
    private static let planar = ToySource.Name.allCases

    private func samples(_ source: ToySource, _ count: Int, seed: UInt64 = 5) -> Matrix {
        let matrix = Matrix(rows: count, columns: source.dimension)
        ToySamples(source, seed: seed, set: .train).fill(items: 0..<count, into: matrix.pointer)
        return matrix
    }

    /// Mean and covariance of the planar sources, by hand from their definitions.
    private func moments(_ name: ToySource.Name) -> (mean: (Double, Double), covariance: (Double, Double, Double)) {
        switch name {
        case .normaliid: return ((0, 0), (1, 0, 1))
        case .laplaceiid: return ((0, 0), (2, 0, 2))
        case .sphere0: return ((0, 0), (0.25, 0, 0.25))
        case .sphere50: return ((0, 0), (0.3125, 0, 0.3125))
        case .sphere99: return ((0, 0), ((1 + 0.99 * 0.99) / 4, 0, (1 + 0.99 * 0.99) / 4))
        case .mixnormal:
            // Each part: 0.765 on both axes, +-0.675 between them; their centers add 1 to everything.
            return ((0, 0), (1.765, 1, 1.765))
        case .boomerang:
            // x = u2 + 1 - u1^2 with E u1^2 = 1, Var u1^2 = 2, and no correlation of u1^2 with the odd u.
            return ((0, 0), (1 + 2, 0.9, 1))
        case .banana:
            // v1 = u1, v2 = u2 + 1 - u1^2 / 10: mean (0, 0.1), variances 9 and 0.25 + 0.01 * 2 * 81, uncorrelated.
            let (cosine, sine) = (cos(-4 * Double.pi / 3), sin(-4 * Double.pi / 3))
            let (wide, tall) = (9.0, 0.25 + 1.62)
            return (
                (cosine * 0.1, -sine * 0.1),
                (
                    sine * sine * wide + cosine * cosine * tall, sine * cosine * (wide - tall),
                    cosine * cosine * wide + sine * sine * tall
                )
            )
        }
    }

    @Test(arguments: planar) func momentsAreThoseOfTheDefinition(name: ToySource.Name) throws {
        let count = 400_000
        let matrix = samples(try ToySource(name), count)
        var sums = [Double](repeating: 0, count: 5)
        for row in 0..<count {
            let (x, y) = (Double(matrix[row, 0]), Double(matrix[row, 1]))
            for (index, value) in [x, y, x * x, x * y, y * y].enumerated() { sums[index] += value / Double(count) }
        }
        let wanted = moments(name)
        let scale = wanted.covariance.0 + wanted.covariance.2
        // Five standard errors of these moments are below 1.5 % of the variances even for the heavy tails here.
        #expect(abs(sums[0] - wanted.mean.0) < 0.01 * scale.squareRoot())
        #expect(abs(sums[1] - wanted.mean.1) < 0.01 * scale.squareRoot())
        #expect(abs(sums[2] - sums[0] * sums[0] - wanted.covariance.0) < 0.015 * scale)
        #expect(abs(sums[3] - sums[0] * sums[1] - wanted.covariance.1) < 0.015 * scale)
        #expect(abs(sums[4] - sums[1] * sums[1] - wanted.covariance.2) < 0.015 * scale)
    }

    /// The density against a histogram of samples: chi-square over cells, whose probabilities are integrated finely.
    @Test(arguments: planar) func densityIsThatOfTheSamples(name: ToySource.Name) throws {
        let source = try ToySource(name)
        let count = 400_000
        let (cells, fine) = (40, 24)
        let half: Double = name == .banana ? 16 : name == .boomerang || name == .laplaceiid ? 12 : 6
        let reach = name.rawValue.hasPrefix("sphere") ? 1.02 : half
        let step = 2 * reach / Double(cells)
        var expected = [Double](repeating: 0, count: cells * cells)
        for row in 0..<cells * fine {
            for column in 0..<cells * fine {
                let x = -reach + (Double(column) + 0.5) * step / Double(fine)
                let y = -reach + (Double(row) + 0.5) * step / Double(fine)
                expected[row / fine * cells + column / fine] +=
                    source.density(x, y) * step * step / Double(fine * fine)
            }
        }
        let mass = expected.reduce(0, +)
        #expect(abs(mass - 1) < 4e-3, "integrates to \(mass)")
        let matrix = samples(source, count)
        var counts = [Double](repeating: 0, count: cells * cells)
        for row in 0..<count {
            let column = Int(((Double(matrix[row, 0]) + reach) / step).rounded(.down))
            let line = Int(((Double(matrix[row, 1]) + reach) / step).rounded(.down))
            if column >= 0, column < cells, line >= 0, line < cells { counts[line * cells + column] += 1 }
        }
        var (chiSquare, degrees) = (0.0, 0.0)
        for cell in counts.indices where expected[cell] * Double(count) >= 20 {
            let wanted = expected[cell] * Double(count)
            // The rim of a ring is integrated on a grid: allow that error beside the samples' own.
            let rim = name.rawValue.hasPrefix("sphere") ? 0.02 * wanted : 0
            chiSquare += (counts[cell] - wanted) * (counts[cell] - wanted) / (wanted + rim * rim)
            degrees += 1
        }
        #expect(degrees > 20)
        #expect(chiSquare < degrees + 6 * (2 * degrees).squareRoot(), "chi-square \(chiSquare) of \(degrees)")
    }

    @Test(arguments: [("banana", 2), ("laplaceiid", 2), ("laplaceiid", 7), ("normaliid", 16), ("normaliid", 1)])
    func itemsDoNotDependOnTheRange(name: String, dimension: Int) throws {
        let source = try ToySource(name, dimension: dimension)
        let drawn = ToySamples(source, seed: 9, set: .train)
        let whole = samples(source, 100, seed: 9)
        for range in [3..<4, 0..<1, 7..<29, 50..<100, 91..<99, 12..<12] {
            var part = [Float](repeating: .nan, count: range.count * dimension + 1)
            part.withUnsafeMutableBufferPointer { drawn.fill(items: range, into: $0.baseAddress!) }
            #expect(part.last!.isNaN, "nothing is written behind the last item")
            for (index, item) in range.enumerated() {
                for component in 0..<dimension {
                    #expect(part[index * dimension + component] == whole[item, component])
                }
            }
        }
    }

    @Test func setsSeedsAndStepsDiffer() throws {
        let source = try ToySource("mixnormal", dimension: 2)
        var firsts: Set<[Float]> = []
        for set in [ToySamples.Set.train, .test] {
            for seed in [1, 2, 1 << 40] as [UInt64] {
                for step in [0, 1] {
                    var pair: [Float] = [0, 0]
                    ToySamples(source, seed: seed, set: set, step: step).fill(items: 70..<71, into: &pair)
                    firsts.insert(pair)
                }
            }
        }
        #expect(firsts.count == 12)
    }

    @Test func componentsAreIndependentGaussians() throws {
        let (count, dimension) = (200_000, 9)
        let matrix = samples(try ToySource("normaliid", dimension: dimension), count)
        for first in 0..<dimension {
            var (fourth, beyond) = (0.0, 0.0)
            for row in 0..<count {
                let value = Double(matrix[row, first])
                fourth += value * value * value * value
                if abs(value) > 3 { beyond += 1 }
            }
            #expect(abs(fourth / Double(count) - 3) < 0.12)
            #expect(abs(beyond / Double(count) / 0.002_699_8 - 1) < 0.25)
            for second in 0..<first {
                var (product, squares) = (0.0, 0.0)
                for row in 0..<count {
                    let (x, y) = (Double(matrix[row, first]), Double(matrix[row, second]))
                    product += x * y
                    squares += (x * x - 1) * (y * y - 1)
                }
                #expect(abs(product / Double(count)) < 0.012 && abs(squares / Double(count)) < 0.025)
            }
        }
    }

    @Test func whatDoesNotExistIsSaid() throws {
        let unknown = datasetError { try ToySource("bananas", dimension: 2) }
        #expect(unknown?.description.contains("bananas") == true)
        for name in ToySource.Name.allCases { #expect(unknown?.remedy.contains(name.rawValue) == true) }
        for (name, dimension, remedy) in [
            ("banana", 3, "dimension 2"), ("sphere99", 1, "normaliid"), ("normaliid", 0, "1 to 1024"),
            ("laplaceiid", 1025, "1 to 1024"), ("boomerang", -2, "dimension 2"),
        ] {
            let wrong = datasetError { try ToySource(name, dimension: dimension) }
            #expect(wrong?.description.contains("\(dimension)-dimensional") == true)
            #expect(wrong?.remedy.contains(remedy) == true)
        }
        #expect(try ToySource("normaliid", dimension: 16).description == "normaliid_16d")
    }

    @Test func theGaussianBound() throws {
        #expect(try ToySource("normaliid", dimension: 8).leastDistortion(rate: 1) == 0.25)
        #expect(try ToySource("banana", dimension: 2).leastDistortion(rate: 1) == nil)
    }
}

struct EightDrawsTests {
    @Test func lanesAreTheWordsOfTheItems() {
        for (seed, item, draw) in [
            (1, 0, 0), (0xDEAD_BEEF_0BAD_CAFE, 4_294_967_290, 5), (7, (1 << 39) + 3, 16_777_215),
        ]
            as [(UInt64, Int, Int)]
        {
            let random = CounterRandom(seed: seed, purpose: .test, step: 3)
            let draws = random.eightWords(firstItem: item, draw: draw)
            for lane in 0..<8 {
                let words = random.words(item: item + lane, draw: draw)
                #expect(
                    SIMD4(draws.first[lane], draws.second[lane], draws.third[lane], draws.fourth[lane]) == words)
            }
        }
    }
}
