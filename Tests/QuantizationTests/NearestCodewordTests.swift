import Numerics
import Testing

@testable import Quantization

@Suite struct NearestCodewordTests {
    /// Reproducible numbers about zero, enough like a normal source for a search.
    struct Source {
        var state: UInt64
        mutating func next() -> Float {
            var sum: Float = -2
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sum += Float(state >> 40) / Float(1 << 24)
            }
            return sum
        }
    }

    struct Found: Equatable {
        var indices: [Int32]
        var distances: [Float]
    }

    static func search(
        _ vectors: [Float], count: Int, stride: Int, _ codebook: [Float], codewords: Int, codebookStride: Int,
        dimension: Int
    ) -> Found {
        let search = NearestCodeword(codewords: codewords, dimension: dimension)
        search.prepare(codebook, stride: codebookStride)
        var found = Found(indices: .init(repeating: -7, count: count), distances: .init(repeating: -7, count: count))
        search.assign(
            vectors, count: count, stride: stride, indices: &found.indices, squaredDistances: &found.distances,
            workspace: search.makeWorkspace())
        return found
    }

    /// Compares with a plain search in double precision; returns what is wrong, or nil.
    static func difference(
        _ found: Found, _ vectors: [Float], count: Int, stride: Int, _ codebook: [Float], codewords: Int,
        codebookStride: Int, dimension: Int
    ) -> String? {
        for i in 0..<count {
            var best = Double.infinity
            var distances = [Double](repeating: 0, count: codewords)
            for k in 0..<codewords {
                var sum = 0.0
                for j in 0..<dimension {
                    let difference = Double(vectors[i * stride + j]) - Double(codebook[k * codebookStride + j])
                    sum += difference * difference
                }
                distances[k] = sum
                best = min(best, sum)
            }
            let index = Int(found.indices[i])
            guard (0..<codewords).contains(index) else { return "vector \(i): index \(index) out of range" }
            let chosen = distances[index]
            // The expansion ||x||^2 - 2 x.c + ||c||^2 decides, so ties are near within its rounding as well.
            var norms = 0.0
            for j in 0..<dimension {
                let (x, c) = (Double(vectors[i * stride + j]), Double(codebook[index * codebookStride + j]))
                norms += x * x + c * c
            }
            if chosen > best * (1 + 1e-5) + 2.4e-7 * norms {
                return "vector \(i): distance \(chosen) of \(index) instead of \(best)"
            }
            if abs(Double(found.distances[i]) - chosen) > 1e-5 * chosen {
                return "vector \(i): reported \(found.distances[i]) instead of \(chosen)"
            }
        }
        return nil
    }

    @Test(arguments: Array(1...40) + [64, 100, 255, 256, 257, 1000])
    func agreesWithAPlainSearchInDoublePrecision(dimension: Int) {
        var source = Source(state: UInt64(dimension))
        let sizes = dimension > 200 ? [1, 7, 300] : [1, 2, 5, 6, 7, 12, 13, 31, 300]
        for codewords in sizes {
            for (count, gap) in [(1, 0), (15, 3), (16, 0), (33, 1), (50, 5)] {
                let (stride, codebookStride) = (dimension + gap, dimension + 2 * gap)
                let vectors = (0..<count * stride).map { _ in source.next() }
                let codebook = (0..<codewords * codebookStride).map { _ in source.next() }
                let found = Self.search(
                    vectors, count: count, stride: stride, codebook, codewords: codewords,
                    codebookStride: codebookStride, dimension: dimension)
                let problem = Self.difference(
                    found, vectors, count: count, stride: stride, codebook, codewords: codewords,
                    codebookStride: codebookStride, dimension: dimension)
                #expect(problem == nil, "d \(dimension), K \(codewords), n \(count): \(problem ?? "")")
            }
        }
    }

    @Test(arguments: [(2000, 4, 512), (3000, 40, 700), (700, 300, 900), (1100, 1000, 100), (130, 2500, 90)])
    func agreesOverSeveralChunksAndBlocks(count: Int, dimension: Int, codewords: Int) {
        var source = Source(state: 5)
        let vectors = (0..<count * dimension).map { _ in source.next() }
        let codebook = (0..<codewords * dimension).map { _ in source.next() }
        let found = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        let checked = 60
        for first in [0, count / 2, count - checked] {
            let part = Found(
                indices: Array(found.indices[first..<first + checked]),
                distances: Array(found.distances[first..<first + checked]))
            let problem = Self.difference(
                part, Array(vectors[first * dimension..<(first + checked) * dimension]), count: checked,
                stride: dimension, codebook, codewords: codewords, codebookStride: dimension, dimension: dimension)
            #expect(problem == nil)
        }
    }

    @Test(arguments: [1, 4, 64, 300])
    func aCommonOffsetDoesNotBlurTheDistances(dimension: Int) {
        var source = Source(state: 4)
        let (count, codewords) = (60, 40)
        let offsets = (0..<dimension).map { Float(200 + 37 * $0) }
        let vectors = (0..<count * dimension).map { source.next() + offsets[$0 % dimension] }
        let codebook = (0..<codewords * dimension).map { source.next() + offsets[$0 % dimension] }
        let found = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        for i in 0..<count {
            var distances = [Double](repeating: 0, count: codewords)
            for k in 0..<codewords {
                for j in 0..<dimension {
                    let difference = Double(vectors[i * dimension + j]) - Double(codebook[k * dimension + j])
                    distances[k] += difference * difference
                }
            }
            // Rounding is relative to the spread of the source, about 1/3 a dimension, not to the offset.
            let best = distances.min()!
            #expect(distances[Int(found.indices[i])] <= best * (1 + 1e-5) + 1e-6 * Double(dimension))
        }
    }

    @Test(arguments: [1, 3, 8, 16, 17, 64, 300, 1300])
    func tiesGoToTheLowestIndex(dimension: Int) {
        // Small integers: every product and sum is exact, so equal distances are equal in floats. Each codeword
        // appears three times, and vectors lie on codewords or half-way between two.
        var source = Source(state: 77)
        let distinct = 20
        let base = (0..<distinct * dimension).map { _ in (source.next() * 4).rounded() * 2 }
        let codebook = base + base + base
        let codewords = 3 * distinct
        let count = 100
        var vectors = [Float]()
        for i in 0..<count {
            let (a, b) = (i % distinct, (i * 7 + i / distinct) % distinct)
            for j in 0..<dimension { vectors.append((base[a * dimension + j] + base[b * dimension + j]) / 2) }
        }
        let found = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        for i in 0..<count {
            var (best, lowest) = (Double.infinity, -1)
            for k in 0..<codewords {
                var sum = 0.0
                for j in 0..<dimension {
                    let difference = Double(vectors[i * dimension + j] - codebook[k * dimension + j])
                    sum += difference * difference
                }
                if sum < best { (best, lowest) = (sum, k) }
            }
            #expect(Int(found.indices[i]) == lowest)
            #expect(Double(found.distances[i]) == best)
        }
    }

    @Test(arguments: [3, 16, 47, 64, 1300])
    func aVectorsResultDependsOnNothingElse(dimension: Int) {
        var source = Source(state: 3)
        let (count, codewords) = (333, 77)
        let vectors = (0..<count * dimension).map { _ in source.next() }
        let codebook = (0..<codewords * dimension).map { _ in source.next() }
        let search = NearestCodeword(codewords: codewords, dimension: dimension)
        search.prepare(codebook, stride: dimension)
        let workspace = search.makeWorkspace()
        var all = Found(indices: .init(repeating: 0, count: count), distances: .init(repeating: 0, count: count))
        search.assign(
            vectors, count: count, stride: dimension, indices: &all.indices, squaredDistances: &all.distances,
            workspace: workspace)
        for cut in [1, 5, 16, 100] {
            var parts = Found(indices: .init(repeating: 0, count: count), distances: .init(repeating: 0, count: count))
            var start = 0
            while start < count {
                let here = min(cut, count - start)
                vectors.withUnsafeBufferPointer { rows in
                    parts.indices.withUnsafeMutableBufferPointer { indices in
                        parts.distances.withUnsafeMutableBufferPointer { distances in
                            search.assign(
                                rows.baseAddress! + start * dimension, count: here, stride: dimension,
                                indices: indices.baseAddress! + start,
                                squaredDistances: distances.baseAddress! + start, workspace: workspace)
                        }
                    }
                }
                start += here
            }
            #expect(parts == all, "in calls of \(cut) vectors")
        }
    }

    @Test func noVectors() {
        let found = Self.search([1, 2], count: 0, stride: 2, [1, 2], codewords: 1, codebookStride: 2, dimension: 2)
        #expect(found.indices.isEmpty)
    }

    @Test(arguments: [1, 4, 20, 64, 1300])
    func notANumberStaysInRange(dimension: Int) {
        var source = Source(state: 9)
        let (count, codewords) = (50, 13)
        var vectors = (0..<count * dimension).map { _ in source.next() }
        var codebook = (0..<codewords * dimension).map { _ in source.next() }
        let whole = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        vectors[3 * dimension] = .nan
        vectors[9 * dimension + dimension - 1] = .infinity
        vectors[20 * dimension] = .greatestFiniteMagnitude
        let found = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        for i in 0..<count {
            #expect((0..<codewords).contains(Int(found.indices[i])))
            if ![3, 9, 20].contains(i) { #expect(found.indices[i] == whole.indices[i]) }
        }
        #expect(found.distances[3].isNaN)
        // A codeword that is not a number is nearest to no vector.
        codebook[5 * dimension] = .nan
        let without = Self.search(
            vectors, count: count, stride: dimension, codebook, codewords: codewords, codebookStride: dimension,
            dimension: dimension)
        #expect(!without.indices.contains(5))
        let all = Self.search(
            vectors, count: count, stride: dimension, codebook.map { _ in .nan }, codewords: codewords,
            codebookStride: dimension, dimension: dimension)
        #expect(all.indices.allSatisfy { (0..<Int32(codewords)).contains($0) })
    }
}
