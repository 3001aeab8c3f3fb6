import Foundation
import Numerics
import Testing

@testable import Quantization

/// The choice by brute force, with costs in `Double`.
private func leastCost(_ vector: UnsafePointer<Float>, _ codewords: Matrix, _ penalties: [Float]) -> Double {
    var least = Double.infinity
    for codeword in 0..<codewords.rows {
        least = min(least, cost(vector, codewords, penalties, codeword))
    }
    return least
}

private func cost(_ vector: UnsafePointer<Float>, _ codewords: Matrix, _ penalties: [Float], _ codeword: Int) -> Double
{
    var sum = Double(penalties[codeword])
    for index in 0..<codewords.columns {
        let difference = Double(vector[index]) - Double(codewords[codeword, index])
        sum += difference * difference
    }
    return sum
}

struct PenalizedSearchTests {
    private func check(_ codewords: Matrix, _ penalties: [Float], _ vectors: Matrix, _ comment: Comment) {
        let search = PenalizedSearch(dimension: codewords.columns, threads: 1)
        search.prepare(codewords.pointer, penalties: penalties, count: codewords.rows)
        var indices = [Int32](repeating: -1, count: vectors.rows)
        var distances = [Float](repeating: .nan, count: vectors.rows)
        search.assign(vectors.pointer, count: vectors.rows, indices: &indices, squaredDistances: &distances)
        for item in 0..<vectors.rows {
            let vector = UnsafePointer(vectors.pointer + item * vectors.columns)
            let chosen = Int(indices[item])
            guard chosen >= 0 && chosen < codewords.rows else {
                Issue.record("codeword \(chosen) does not exist: \(comment)")
                return
            }
            let (found, least) = (cost(vector, codewords, penalties, chosen), leastCost(vector, codewords, penalties))
            var scale = 1.0
            for index in 0..<vectors.columns { scale += Double(vector[index]) * Double(vector[index]) }
            #expect(found - least <= 4e-6 * (least + scale), comment)
            let distance = found - Double(penalties[chosen])
            #expect(abs(Double(distances[item]) - distance) <= 1e-5 * (distance + 1e-6), comment)
        }
    }

    @Test(arguments: [(1, 2), (2, 2), (5, 2), (60, 2), (3000, 2), (1, 1), (40, 1), (700, 3), (500, 8), (900, 16)])
    func theChoiceIsTheBest(codewords: Int, dimension: Int) {
        let book = Matrix.clusters(7, rows: codewords, columns: dimension, seed: 3)
        let vectors = Matrix.clusters(7, rows: 2000, columns: dimension, seed: 4, spread: 6)
        let random = CounterRandom(seed: 1, purpose: .test)
        for strength in [0, 0.01, 1, 100] {
            let penalties = (0..<codewords).map { Float(strength * random.uniform(item: $0)) }
            check(book, penalties, vectors, "\(codewords) codewords, penalties up to \(strength)")
        }
    }

    @Test func hardCasesInThePlane() {
        let vectors = Matrix.clusters(5, rows: 3000, columns: 2, seed: 9, spread: 4)
        // All on one point, on a line, on a circle (one cell where all meet), one far off, and huge and tiny scales.
        let same = Matrix(rows: 50, columns: 2)
        check(same, Array(repeating: 0, count: 50), vectors, "one point")
        let line = Matrix(rows: 300, columns: 2)
        let circle = Matrix(rows: 300, columns: 2)
        for codeword in 0..<300 {
            line[codeword, 0] = Float(codeword) * 0.02 - 3
            circle[codeword, 0] = Float(2 * cos(Double(codeword) * .pi / 150))
            circle[codeword, 1] = Float(2 * sin(Double(codeword) * .pi / 150))
        }
        check(line, (0..<300).map { Float($0 % 7) * 0.001 }, vectors, "a line")
        check(circle, Array(repeating: 0, count: 300), vectors, "a circle")
        let far = Matrix.clusters(4, rows: 500, columns: 2, seed: 2)
        (far[0, 0], far[0, 1]) = (4000, -3000)
        check(far, Array(repeating: 0.1, count: 500), vectors, "an outlier")
        for scale in [1e-4, 1e4] as [Float] {
            let scaled = vectors.copy()
            let book = Matrix.clusters(5, rows: 800, columns: 2, seed: 7)
            for matrix in [scaled, book] { for index in 0..<matrix.count { matrix.pointer[index] *= scale } }
            check(book, (0..<800).map { Float($0 % 5) * 0.02 * scale * scale }, scaled, "scale \(scale)")
        }
    }

    @Test func aVectorThatIsNoNumberGetsACodeword() {
        for dimension in [2, 4] {
            let book = Matrix.clusters(4, rows: 90, columns: dimension, seed: 2)
            let search = PenalizedSearch(dimension: dimension, threads: 1)
            search.prepare(book.pointer, penalties: Array(repeating: 0, count: 90), count: 90)
            let vector = [Float](repeating: .nan, count: dimension)
            var index: Int32 = -1
            search.assign(vector, count: 1, indices: &index, squaredDistances: nil)
            #expect(index >= 0 && index < 90)
        }
    }
}

struct LatticeTests {
    @Test(arguments: [1, 2, 3, 4, 5, 8, 16]) func secondMomentIsTheQuantizers(dimension: Int) {
        let lattice = Lattice(dimension: dimension)
        let random = CounterRandom(seed: 5, purpose: .test)
        var point = [Int32](repeating: 0, count: dimension)
        var sum = 0.0
        let count = 40_000
        for item in 0..<count {
            var vector = (0..<dimension).map { 64 * random.uniform(item: item, draw: $0) }
            lattice.nearest(&vector, to: &point)
            for index in 0..<dimension {
                let difference = vector[index] - lattice.position(point, index)
                sum += difference * difference
            }
        }
        let measured = sum / Double(count * dimension) / pow(lattice.volume, 2 / Double(dimension))
        #expect(abs(measured / lattice.secondMoment - 1) < 0.012, "\(measured)")
    }

    @Test func shellsHaveTheKnownSizes() {
        // Theta series: D4 24, 24, 96; E8 240, 2160, 6720; Barnes-Wall 4320, 61440 (Conway and Sloane, chapter 4).
        for (dimension, first, sizes) in [(4, 8, [24, 24, 96]), (8, 8, [240, 2160, 6720])] {
            let all = Lattice(dimension: dimension).points(within: first * sizes.count, limit: 100_000)!
            for (shell, size) in sizes.enumerated() {
                #expect(all.count { $0.reduce(0) { $0 + $1 * $1 } == Int32(first * (shell + 1)) } == size)
            }
        }
        let wall = Lattice(dimension: 16).points(within: 12, limit: 100_000)!
        #expect(wall.count == 1 + 4320 + 61440)
        #expect(Lattice(dimension: 16).points(within: 12, limit: 65_000) == nil)
    }
}
