import Foundation

/// A good lattice quantizer of each dimension, from which entropy-constrained codebooks start.
///
///     let lattice = Lattice(dimension: 8)                     // E8
///     lattice.nearest(vector, to: &point)                     // integer coordinates
///     let edge = lattice.edge(forLambda: 16)                  // how far to scale it
///     let points = lattice.points(within: 16, limit: 100_000) // all whose integer coordinates' squares sum to <= 16
///
/// At high rate the best entropy-constrained codebook is, locally, a lattice with cells of one size everywhere (Gersho
/// 1979). With distortion D per dimension and normalized second moment G, the cell's volume is (D / G)^(d/2). At the rate
/// at which the slope of bits over distortion is lambda, D = 1 / (2 ln 2 lambda).
///
/// In the plane it is the hexagonal lattice; in other dimensions points are g + 2 z with integer z of even sum and g from a
/// binary code: the zero word gives D_d, zeros and ones E8, the first-order Reed-Muller code of length 16 Barnes and
/// Wall's lattice. (Conway and Sloane, "Sphere packings, lattices and groups", chapters 4 and 20.)
public struct Lattice: Sendable {
    /// Components of a point, at least 1.
    public let dimension: Int
    /// The words g, each of `dimension` zeros and ones; none in the plane and on the line.
    private let glue: [[Int32]]
    /// Volume of a cell in integer coordinates, in the plane with the hexagon's true shape.
    let volume: Double
    /// Mean squared error per dimension of a cell of volume 1.
    let secondMoment: Double

    /// The best lattice known here for a dimension, at least 1.
    public init(dimension: Int) {
        precondition(dimension >= 1)
        self.dimension = dimension
        switch dimension {
        case 1: (glue, secondMoment) = ([], 1.0 / 12)
        case 2: (glue, secondMoment) = ([], 5 / (36 * 3.0.squareRoot()))
        case 8: (glue, secondMoment) = ([Array(repeating: 0, count: 8), Array(repeating: 1, count: 8)], 0.071682)
        case 16: (glue, secondMoment) = (Self.reedMuller, 0.068299)
        default:
            glue = [Array(repeating: 0, count: dimension)]
            // D_d (Conway and Sloane, chapter 21); 0.0766 for D4.
            let d = Double(dimension)
            secondMoment = (1.0 / 12 + 1 / (2 * d * (d + 1))) * exp2(-2 / d)
        }
        volume =
            dimension == 1
            ? 1 : dimension == 2 ? 0.75.squareRoot() : exp2(Double(dimension + 1)) / Double(glue.count)
    }

    /// The 32 words of the first-order Reed-Muller code of length 16.
    private static var reedMuller: [[Int32]] {
        (0..<32).map { word in
            (0..<16).map { index in Int32(((word & 15 & index).nonzeroBitCount + word >> 4) & 1) }
        }
    }

    /// The length of one integer step at which the lattice is the high-rate optimum for `lambda`.
    public func edge(forLambda lambda: Double) -> Double {
        let distortion = 1 / (2 * log(2) * lambda)
        return (pow(distortion / secondMoment, Double(dimension) / 2) / volume).root(dimension)
    }

    /// The lattice point nearest to `vector`, in integer coordinates.
    func nearest(_ vector: UnsafePointer<Double>, to point: inout [Int32]) {
        switch dimension {
        case 1: point[0] = Int32(vector[0].rounded())
        case 2: nearestInPlane(vector, &point)
        default: nearestGlued(vector, &point)
        }
    }

    /// In the plane (i, j) stands for i (1, 0) + j (1/2, sqrt(3)/2): two interleaved rectangular grids.
    private func nearestInPlane(_ vector: UnsafePointer<Double>, _ point: inout [Int32]) {
        let height = 0.75.squareRoot()
        var least = Double.infinity
        for shift in 0..<2 {
            let offset = Double(shift) / 2
            let row = ((vector[1] / height - Double(shift)) / 2).rounded() * 2 + Double(shift)
            let column = (vector[0] - offset).rounded()
            let (dx, dy) = (vector[0] - column - offset, vector[1] - row * height)
            let square = dx * dx + dy * dy
            guard square < least else { continue }
            least = square
            // x = i + j / 2 with j = row.
            (point[0], point[1]) = (Int32(column + offset - row / 2), Int32(row))
        }
    }

    private func nearestGlued(_ vector: UnsafePointer<Double>, _ point: inout [Int32]) {
        var least = Double.infinity
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: dimension) { trial in
            for word in glue {
                var (square, odd) = (0.0, Int32(0))
                // What it costs to round the other way in the component in which that is cheapest.
                var (change, cheapest, direction) = (Double.infinity, 0, Int32(1))
                for index in 0..<dimension {
                    let exact = (vector[index] - Double(word[index])) / 2
                    let whole = exact.rounded()
                    let rest = exact - whole
                    square += rest * rest
                    odd ^= Int32(whole) & 1
                    let more = 1 - 2 * abs(rest)
                    if more < change { (change, cheapest, direction) = (more, index, rest < 0 ? -1 : 1) }
                    trial[index] = Int32(whole)
                }
                if odd != 0 {
                    square += change
                    trial[cheapest] += direction
                }
                guard square < least else { continue }
                least = square
                for index in 0..<dimension { point[index] = 2 * trial[index] + word[index] }
            }
        }
    }

    /// A component of the point with these integer coordinates, for an edge of 1.
    func position(_ point: [Int32], _ component: Int) -> Double {
        guard dimension == 2 else { return Double(point[component]) }
        return component == 0 ? Double(point[0]) + Double(point[1]) / 2 : Double(point[1]) * 0.75.squareRoot()
    }

    /// All points whose integer coordinates have at most this sum of squares, in a fixed order; nil when there are more than
    /// `limit`. For dimensions above two.
    func points(within bound: Int, limit: Int) -> [[Int32]]? {
        precondition(dimension > 2)
        var found: [[Int32]] = []
        var point = [Int32](repeating: 0, count: dimension)
        for word in glue {
            guard extend(&point, 0, word, Int32(bound), word.reduce(0, +), limit, &found) else { return nil }
        }
        return found
    }

    /// Sets the components from `next` on in every way that fits.
    private func extend(
        _ point: inout [Int32], _ next: Int, _ word: [Int32], _ left: Int32, _ ones: Int32, _ limit: Int,
        _ found: inout [[Int32]]
    ) -> Bool {
        // Every one of the word still to come takes at least 1.
        guard left >= ones else { return true }
        if next == dimension {
            var halves: Int32 = 0
            for index in 0..<dimension { halves += (point[index] - word[index]) / 2 }
            guard halves & 1 == 0 else { return true }
            guard found.count < limit else { return false }
            found.append(point)
            return true
        }
        let parity = word[next]
        var magnitude = parity
        while magnitude * magnitude <= left {
            for sign in [1, -1] as [Int32] where magnitude > 0 || sign > 0 {
                point[next] = sign * magnitude
                guard
                    extend(
                        &point, next + 1, word, left - magnitude * magnitude, ones - parity, limit, &found)
                else { return false }
            }
            magnitude += 2
        }
        return true
    }
}

extension Double {
    fileprivate func root(_ degree: Int) -> Double { pow(self, 1 / Double(degree)) }
}
