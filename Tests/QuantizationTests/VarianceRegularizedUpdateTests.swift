import Foundation
import Numerics
import Testing

@testable import Quantization

/// The M-step of VR-Kmeans reaches a stationary point of Eq. 5 that no general minimizer beats.
@Suite(.timeLimit(.minutes(10))) struct VarianceRegularizedUpdateTests {
    /// Eq. 5 in one dimension, in `Double`, up to the constant lambda T^2 / 2, which would hide small differences.
    struct Problem {
        var counts: [Double]
        var sums: [Double]
        var target: Double
        var lambda: Double

        private func terms(_ c: [Double]) -> (linear: Double, quadratic: Double, penalty: Double, absolute: Double) {
            var (linear, quadratic, squares, absolute) = (0.0, 0.0, 0.0, 0.0)
            for k in 0..<c.count {
                linear += sums[k] * c[k]
                absolute += abs(sums[k] * c[k])
                quadratic += counts[k] * c[k] * c[k] / 2
                squares += c[k] * c[k]
            }
            return (linear, quadratic, lambda * (squares - target) * (squares - target) / 2, absolute)
        }

        func value(_ c: [Double]) -> Double {
            let parts = terms(c)
            return parts.quadratic + parts.penalty - parts.linear
        }

        func magnitude(_ c: [Double]) -> Double {
            let parts = terms(c)
            return parts.quadratic + parts.penalty + parts.absolute
        }

        /// The gradient's length against that of its terms.
        func relativeGradient(_ c: [Double]) -> Double {
            let squares = c.reduce(0) { $0 + $1 * $1 }
            var (gradient, scale) = (0.0, 0.0)
            for k in 0..<c.count {
                let parts = [-sums[k], counts[k] * c[k], 2 * lambda * squares * c[k], -2 * lambda * target * c[k]]
                let sum = parts.reduce(0, +)
                gradient += sum * sum
                scale += parts.reduce(0) { $0 + $1 * $1 }
            }
            return (gradient / max(scale, 1e-300)).squareRoot()
        }

        /// Newton's method from a given start: the Hessian, diag(a + t) + 4 lambda c c^T, is lifted where it is not
        /// positive, and steps are halved until the value falls.
        func minimize(from start: [Double]) -> [Double] {
            var c = start
            var best = value(c)
            for _ in 0..<200 {
                let squares = c.reduce(0) { $0 + $1 * $1 }
                let t = 2 * lambda * (squares - target)
                let lowest = counts.min()! + t
                let lift = lowest > 0 ? 0 : -lowest + 1e-3 * (abs(lowest) + 1e-9)
                var (along, across) = (0.0, 1.0)
                var direction = c
                for k in 0..<c.count {
                    let diagonal = counts[k] + t + lift
                    direction[k] = (-sums[k] + (counts[k] + t) * c[k]) / diagonal
                    along += 4 * lambda * c[k] * direction[k]
                    across += 4 * lambda * c[k] * c[k] / diagonal
                }
                for k in 0..<c.count { direction[k] -= c[k] / (counts[k] + t + lift) * along / across }
                var step = 1.0
                var improved = false
                while step > 1e-12 {
                    var next = c
                    for k in 0..<c.count { next[k] -= step * direction[k] }
                    let reached = value(next)
                    if reached < best {
                        improved = best - reached > 1e-13 * abs(best)
                        (c, best) = (next, reached)
                        break
                    }
                    step /= 2
                }
                if !improved { break }
            }
            return c
        }
    }

    private static let random = CounterRandom(seed: 2017, purpose: .test)

    private static func uniform(_ item: Int, _ draw: Int) -> Double { random.uniform(item: item, draw: draw) }

    private static func normals(_ item: Int, _ count: Int) -> [Float] {
        var values = [Float](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { random.normals(item: item, into: $0) }
        return values
    }

    /// Counts as passes leave them: popular codewords, rare ones, and in half of the problems empty ones.
    private static func counts(_ problem: Int, _ codewords: Int) -> [Float] {
        let kind = random.integer(below: 6, item: problem, draw: 1)
        return (0..<codewords).map { k in
            let u = uniform(problem, 100 + k)
            switch kind {
            case 0: return Float(1 + Int(20 * u))
            case 1: return Float(Int(6 * u))
            case 2: return u < 0.5 ? 0 : Float(Int(1 / (1.001 - u)))
            case 3: return u < 0.7 ? 1 : 40
            case 4: return 5
            default: return u < 0.2 ? 0 : Float(Int(300 * u * u))
            }
        }
    }

    private func check(_ number: Int, columns: Int, restarts: Int) {
        let codewords = 2 + Self.random.integer(below: 63, item: number)
        let counts = Self.counts(number, codewords)
        let scale = [1, 0.01, 30][Self.random.integer(below: 3, item: number, draw: 2)]
        let lambda = pow(10, 9 * Self.uniform(number, 3) - 3)
        // From targets far below what the sums ask for to far above.
        let targets = (0..<columns).map {
            Double(codewords) * scale * scale * pow(10, 5 * Self.uniform(number, 10 + $0) - 3)
        }
        let sums = Matrix(rows: codewords, columns: columns)
        for k in 0..<codewords {
            let values = Self.normals(1_000_000 + number * 100 + k, columns)
            let center = Float(Self.uniform(number, 200 + k))
            for j in 0..<columns {
                // The sum of a_k vectors: zero if there are none.
                sums[k, j] = Float(scale) * (counts[k] * (center - 0.5) + counts[k].squareRoot() * values[j])
            }
        }
        let codebook = Matrix(rows: codewords, columns: columns)
        codebook.storage.elements.update(repeating: .nan)
        let update = VarianceRegularizedUpdate(targets: targets, lambda: lambda, seed: 1, step: number)
        update.solve(sums: sums.pointer, counts: counts, codebook: codebook, columns: 0..<columns)
        for j in 0..<columns {
            let problem = Problem(
                counts: counts.map(Double.init), sums: (0..<codewords).map { Double(sums[$0, j]) },
                target: Double(Float(targets[j])), lambda: Double(Float(lambda)))
            let ours = (0..<codewords).map { Double(codebook[$0, j]) }
            let context: Comment = "problem \(number), dimension \(j), K \(codewords), lambda \(lambda)"
            guard ours.allSatisfy(\.isFinite) else {
                Issue.record("a codeword is not finite: \(context)")
                continue
            }
            #expect(problem.relativeGradient(ours) < 1e-5, context)
            guard j < 2 else { continue }
            // Codewords are `Float`, so s is off by a few 1e-7 of itself; with a large lambda that costs more than anything
            // else. Polished in `Double` they must stay where they are, and then nothing may be lower at all.
            let polished = problem.minimize(from: ours)
            let moved = zip(polished, ours).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            let squares = ours.reduce(0) { $0 + $1 * $1 }
            #expect(moved < 1e-5 * squares.squareRoot(), context)
            let best = problem.value(polished) - 1e-6 * problem.magnitude(polished)
            let rounding = problem.lambda * (4e-7 * squares) * (4e-7 * squares) / 2
            #expect(problem.value(ours) <= best + 1e-5 * problem.magnitude(ours) + rounding, context)
            for restart in 0..<restarts {
                let radius = (targets[j] / Double(codewords)).squareRoot() * pow(4, Double(restart % 3) - 1)
                var start = Self.normals(5_000_000 + number * 1000 + j * 100 + restart, codewords)
                    .map { radius * Double($0) }
                // One restart from here: whatever is lower nearby would be found.
                if restart == 0 { for k in 0..<codewords { start[k] = ours[k] * (1 + 1e-3 * start[k] / radius) } }
                let other = problem.minimize(from: start)
                #expect(problem.value(other) >= best, context)
            }
        }
    }

    @Test(arguments: 0..<12) func noRandomRestartFindsLess(group: Int) {
        for number in 0..<10 { check(group * 10 + number, columns: 19, restarts: 12) }
    }

    /// Sums so small, targets so large that empty codewords must take up the variance: the hard case of Eq. 5.
    @Test func emptyCodewordsTakeUpWhatOthersLack() {
        let codewords = 16
        let counts = (0..<codewords).map { Float($0 < 12 ? 30 : 0) }
        let sums = Matrix(rows: codewords, columns: 40)
        for k in 0..<12 { for j in 0..<40 { sums[k, j] = Float(j % 5) - 2 } }
        let codebook = Matrix(rows: codewords, columns: 40)
        let targets = [Double](repeating: 16, count: 40)
        let update = VarianceRegularizedUpdate(targets: targets, lambda: 100, seed: 3, step: 0)
        update.solve(sums: sums.pointer, counts: counts, codebook: codebook, columns: 0..<40)
        var signs: Set<String> = []
        for j in 0..<40 {
            let problem = Problem(
                counts: counts.map(Double.init), sums: (0..<codewords).map { Double(sums[$0, j]) }, target: 16,
                lambda: 100)
            let ours = (0..<codewords).map { Double(codebook[$0, j]) }
            #expect(problem.relativeGradient(ours) < 1e-5)
            let revived = ours.suffix(4).map { abs($0) }
            #expect(revived.min()! > 1, "empty codewords are revived")
            #expect(revived.max()! - revived.min()! < 1e-6, "the shortfall is spread evenly")
            #expect(abs(ours.reduce(0) { $0 + $1 * $1 } - 16) < 1e-4, "t is -min a = 0, so s meets its target")
            signs.insert(ours.suffix(4).map { $0 < 0 ? "-" : "+" }.joined())
            for restart in 0..<20 {
                let start = Self.normals(9_000_000 + j * 100 + restart, codewords).map(Double.init)
                let other = problem.value(problem.minimize(from: start))
                #expect(other >= problem.value(ours) - 1e-5 * problem.magnitude(ours))
            }
        }
        #expect(signs.count > 8, "the signs are random")
    }

    @Test func onlyTheColumnsAskedForAreWritten() {
        let counts: [Float] = [3, 4, 5]
        let sums = Matrix(rows: 3, columns: 50, (0..<150).map { Float($0 % 17) - 8 })
        let update = VarianceRegularizedUpdate(
            targets: [Double](repeating: 2, count: 50), lambda: 5, seed: 1, step: 0)
        let whole = Matrix(rows: 3, columns: 50)
        update.solve(sums: sums.pointer, counts: counts, codebook: whole, columns: 0..<50)
        let part = Matrix(rows: 3, columns: 50)
        part.storage.elements.update(repeating: 77)
        update.solve(sums: sums.pointer, counts: counts, codebook: part, columns: 7..<30)
        for k in 0..<3 {
            for j in 0..<50 { #expect(part[k, j] == ((7..<30).contains(j) ? whole[k, j] : 77)) }
        }
    }

    @Test func lambdaZeroIsKMeans() {
        let counts: [Float] = [3, 1, 0, 8]
        let sums = Matrix(rows: 4, columns: 21, (0..<84).map { Float($0 % 13) - 6 })
        for j in 0..<21 { sums[2, j] = 0 }
        let codebook = Matrix(rows: 4, columns: 21)
        let update = VarianceRegularizedUpdate(targets: [Double](repeating: 1, count: 21), lambda: 0, seed: 1, step: 0)
        update.solve(sums: sums.pointer, counts: counts, codebook: codebook, columns: 0..<21)
        for k in 0..<4 {
            for j in 0..<21 { #expect(abs(codebook[k, j] - sums[k, j] / max(counts[k], 1)) < 1e-6) }
        }
    }

    @Test func aTrainingWithLambdaZeroEqualsKMeans() throws {
        let vectors = Matrix.clusters(5, rows: 400, columns: 20, seed: 2)
        let allocation = ReverseWaterFilling(variances: [Double](repeating: 2, count: 20), rate: 3)
        let start = Matrix(rows: 8, columns: 20)
        start.pointer.update(from: vectors.pointer, count: start.count)
        let settings = LloydTraining.Settings(codewords: 8, iterations: 7, initialization: .given(start))
        let plain = try train(vectors, settings: settings)[0]
        let regularized = try train(
            vectors, settings: settings,
            update: VRKMeans(allocation: allocation, codewords: 8, lambda: 0, seed: 1, step: 0))[0]
        try #require(plain.counts.allSatisfy { $0 > 0 })
        #expect(zip(plain.codebook, regularized.codebook).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func codebookVariancesApproachTheirTargets() throws {
        let variances = (0..<12).map { exp(-0.1 * Double($0)) }
        let vectors = Matrix(rows: 500, columns: 12)
        let random = CounterRandom(seed: 5, purpose: .test)
        for item in 0..<500 {
            random.normals(item: item, into: vectors.row(item))
            for column in 0..<12 { vectors[item, column] *= Float(variances[column].squareRoot()) }
        }
        let allocation = ReverseWaterFilling(variances: variances, rate: 6)
        try #require(allocation.active.count == 12)
        func deviation(_ lambda: Double) throws -> Double {
            let trained = try train(
                vectors, settings: .init(codewords: 64, iterations: 10),
                update: VRKMeans(allocation: allocation, codewords: 64, lambda: lambda, seed: 1, step: 0))[0]
            let squares = (0..<12).map { j in
                (0..<64).reduce(0.0) { $0 + Double(trained.codebook[$1 * 12 + j] * trained.codebook[$1 * 12 + j]) } / 64
            }
            return zip(squares, allocation.codewordVariances).map { abs($0 - $1) / $1 }.max()!
        }
        #expect(try deviation(1000) < 0.01)
        #expect(try deviation(1000) < deviation(0.01))
    }
}
