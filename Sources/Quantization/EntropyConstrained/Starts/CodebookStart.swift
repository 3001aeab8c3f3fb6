import Foundation
import Numerics

/// Codewords and code lengths to begin a training with.
struct CodebookStart {
    /// Codewords one after another.
    var codewords: [Float]
    /// Bits of each.
    var codeLengths: [Double]
    /// Passes of plain K-means before code lengths count.
    var unconstrainedPasses = 0
    /// What ties codewords together, for sources with symmetric components.
    var orbits: CodewordOrbits?
}

/// Ways to begin a training, of which a short trial finds the best.
enum StartKind: Equatable, Sendable {
    /// The lattice points that vectors fall near, `scale` times as far apart as is best at high rate.
    case lattice(scale: Double, draw: Int)
    /// All lattice points around the origin that vectors fall near, tied by symmetry.
    case shells(scale: Double)
    /// Means of groups of vectors in the order of their angle around the mean: for thin rings.
    case angles(count: Int)
    /// Vectors of the source, moved by K-means first.
    case samples(count: Int, draw: Int)
}

/// Builds starts from vectors that every rank draws for itself: no messages, the same on all ranks.
struct StartBuilder {
    let draws: any VectorDraws
    let lambda: Double
    /// The most codewords a start may have.
    let limit: Int
    let seed: UInt64
    /// Vectors that a start looks at.
    let vectors: Int

    func build(_ kind: StartKind) throws -> CodebookStart {
        switch kind {
        case .lattice(let scale, let draw): latticePoints(scale: scale, draw: draw)
        case .shells(let scale): shells(scale: scale)
        case .angles(let count): angles(min(count, limit))
        case .samples(let count, let draw): samples(min(count, limit), draw: draw)
        }
    }

    private var dimension: Int { draws.dimension }

    // MARK: lattices

    /// The occupied points of a lattice that is shifted, and in the plane turned, at random.
    ///
    /// When more than `limit` are occupied, the lattice is spread until they fit.
    private func latticePoints(scale: Double, draw: Int) -> CodebookStart {
        let lattice = Lattice(dimension: dimension)
        let random = CounterRandom(seed: seed, purpose: .codebookSearch, step: draw)
        let shift = (0..<dimension).map { 4 * random.uniform(item: 0, draw: $0) }
        let angle = dimension == 2 ? Double.pi * random.uniform(item: 1) : 0
        var edge = lattice.edge(forLambda: lambda) * scale
        while true {
            var table = LatticeTable(dimension: dimension, capacity: limit)
            if count(&table, lattice, edge: edge, shift: shift, angle: angle) {
                return start(table, lattice, edge: edge, shift: shift, angle: angle)
            }
            edge *= pow(1.15, 2 / Double(dimension))
        }
    }

    /// False when more than the table's capacity are occupied.
    private func count(
        _ table: inout LatticeTable, _ lattice: Lattice, edge: Double, shift: [Double], angle: Double
    ) -> Bool {
        let buffer = AlignedBuffer<Float>(count: 1024 * dimension)
        let turned = AlignedBuffer<Double>(count: dimension)
        let (cosine, sine) = (cos(angle), sin(angle))
        var point = [Int32](repeating: 0, count: dimension)
        var fits = true
        draws.inPieces(0..<vectors, buffer: buffer.pointer, capacity: 1024) { count in
            for item in 0..<count where fits {
                let row = buffer.pointer + item * dimension
                for index in 0..<dimension { turned[index] = Double(row[index]) / edge }
                if dimension == 2 {
                    let (x, y) = (turned[0], turned[1])
                    (turned[0], turned[1]) = (cosine * x + sine * y, cosine * y - sine * x)
                }
                for index in 0..<dimension { turned[index] -= shift[index] }
                lattice.nearest(turned.pointer, to: &point)
                fits = table.add(point)
            }
        }
        return fits
    }

    private func start(
        _ table: LatticeTable, _ lattice: Lattice, edge: Double, shift: [Double], angle: Double
    ) -> CodebookStart {
        let (cosine, sine) = (cos(angle), sin(angle))
        var codewords: [Float] = []
        codewords.reserveCapacity(table.count * dimension)
        for index in 0..<table.count {
            let point = table.point(index)
            var values = (0..<dimension).map { lattice.position(point, $0) + shift[$0] }
            if dimension == 2 {
                let (x, y) = (values[0], values[1])
                values = [cosine * x - sine * y, sine * x + cosine * y]
            }
            for value in values { codewords.append(Float(value * edge)) }
        }
        let lengths = table.counts.map { log2(Double(vectors) / $0) }
        return CodebookStart(codewords: codewords, codeLengths: lengths)
    }

    /// Every point of the lattice around the origin, as far out as vectors fall.
    private func shells(scale: Double) -> CodebookStart {
        let lattice = Lattice(dimension: dimension)
        let edge = lattice.edge(forLambda: lambda) * scale
        var norms: [Int] = []
        let buffer = AlignedBuffer<Float>(count: 1024 * dimension)
        let scaled = AlignedBuffer<Double>(count: dimension)
        var point = [Int32](repeating: 0, count: dimension)
        draws.inPieces(0..<vectors, buffer: buffer.pointer, capacity: 1024) { count in
            for item in 0..<count {
                for index in 0..<dimension { scaled[index] = Double(buffer[item * dimension + index]) / edge }
                lattice.nearest(scaled.pointer, to: &point)
                norms.append(point.reduce(0) { $0 + Int($1) * Int($1) })
            }
        }
        // All but a thousandth of the vectors; the farthest take the outermost shell.
        norms.sort()
        var bound = norms[max(0, norms.count - 1 - norms.count / 1000)]
        while true {
            if let points = lattice.points(within: bound, limit: limit) {
                let orbits = CodewordOrbits(points: points, dimension: dimension, edge: edge)
                return CodebookStart(
                    codewords: orbits.codewords(),
                    codeLengths: Array(repeating: log2(Double(points.count)), count: points.count), orbits: orbits)
            }
            bound -= 1
        }
    }

    // MARK: vectors

    private func samples(_ count: Int, draw: Int) -> CodebookStart {
        var codewords = [Float](repeating: 0, count: count * dimension)
        codewords.withUnsafeMutableBufferPointer { buffer in
            // Vectors of their own for every draw, as long as there are enough.
            let first = draws.count.map { draw * count + count <= $0 ? draw * count : 0 } ?? draw * count
            draws.fill(items: first..<first + count, into: buffer.baseAddress!)
        }
        return CodebookStart(
            codewords: codewords, codeLengths: Array(repeating: log2(Double(count)), count: count),
            unconstrainedPasses: 8)
    }

    private func angles(_ count: Int) -> CodebookStart {
        precondition(dimension == 2)
        let vectors = min(self.vectors, max(1 << 16, 64 * count))
        let buffer = AlignedBuffer<Float>(count: 2 * vectors)
        draws.fill(items: 0..<vectors, into: buffer.pointer)
        var mean = SIMD2<Double>.zero
        for item in 0..<vectors { mean += SIMD2(Double(buffer[2 * item]), Double(buffer[2 * item + 1])) }
        mean /= Double(vectors)
        let order = (0..<vectors).map { item in
            (atan2(Double(buffer[2 * item + 1]) - mean.y, Double(buffer[2 * item]) - mean.x), item)
        }.sorted { $0 < $1 }
        var codewords: [Float] = []
        for group in 0..<count {
            let members = group * vectors / count..<(group + 1) * vectors / count
            var sum = SIMD2<Double>.zero
            for member in members {
                let item = order[member].1
                sum += SIMD2(Double(buffer[2 * item]), Double(buffer[2 * item + 1]))
            }
            sum /= Double(max(members.count, 1))
            codewords += [Float(sum.x), Float(sum.y)]
        }
        return CodebookStart(
            codewords: codewords, codeLengths: Array(repeating: log2(Double(count)), count: count))
    }
}
