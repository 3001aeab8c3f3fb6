import Numerics

/// Codewords that are signed permutations of one another and share what is learned.
///
/// A source whose components are independent, symmetric and alike looks the same after permuting and negating components.
/// A codebook that starts as all points of a lattice around the origin looks the same too, and one pass of
/// entropy-constrained training keeps it so. Averaging over an orbit (the points with the same magnitudes of integer
/// coordinates) is therefore free of bias, and a codebook of 10^5 codewords is learned from as many vectors, not from 10^7.
///
///     let codewords = orbits.codewords()                      // as the prototypes say
struct CodewordOrbits {
    let dimension: Int
    /// Integer coordinates of every codeword.
    private(set) var coordinates: [Int8]
    /// Orbit of every codeword.
    private(set) var orbit: [Int32]
    /// Codewords of every orbit; 0 after its death.
    private(set) var sizes: [Int]
    /// Components of an orbit's codewords that have a magnitude: [orbit][magnitude].
    private let multiplicities: [Int]
    /// The value that stands for a magnitude: [orbit][magnitude].
    private var prototypes: [Float]
    /// Largest magnitude + 1.
    let columns: Int

    init(points: [[Int32]], dimension: Int, edge: Double) {
        self.dimension = dimension
        let largest = points.reduce(0) { max($0, $1.reduce(0) { max($0, Int(abs($1))) }) }
        precondition(largest <= 127, "coordinates that large mean a codebook far beyond any limit")
        columns = largest + 1
        coordinates = points.flatMap { $0.map(Int8.init) }
        var known: [[Int]: Int32] = [:]
        var (orbit, sizes, multiplicities, prototypes) = ([Int32](), [Int](), [Int](), [Float]())
        orbit.reserveCapacity(points.count)
        for point in points {
            var histogram = [Int](repeating: 0, count: columns)
            for value in point { histogram[Int(abs(value))] += 1 }
            let number = known[histogram] ?? Int32(sizes.count)
            if Int(number) == sizes.count {
                known[histogram] = number
                sizes.append(0)
                multiplicities += histogram
                prototypes += (0..<columns).map { Float(Double($0) * edge) }
            }
            sizes[Int(number)] += 1
            orbit.append(number)
        }
        (self.orbit, self.sizes, self.multiplicities, self.prototypes) = (orbit, sizes, multiplicities, prototypes)
    }

    var count: Int { sizes.count }

    func codewords() -> [Float] {
        var result = [Float](repeating: 0, count: coordinates.count)
        for codeword in orbit.indices {
            let base = Int(orbit[codeword]) * columns
            for index in codeword * dimension..<(codeword + 1) * dimension {
                let value = prototypes[base + Int(abs(coordinates[index]))]
                result[index] = coordinates[index] < 0 ? -value : value
            }
        }
        return result
    }

    /// Adds a vector to the sums of its codeword's orbit, each component with its sign, in the column of its magnitude.
    @inline(__always)
    func add(_ vector: UnsafePointer<Float>, codeword: Int, to sums: UnsafeMutablePointer<Float>) {
        coordinates.withUnsafeBufferPointer { coordinates in
            for index in 0..<dimension {
                let coordinate = coordinates[codeword * dimension + index]
                sums[Int(abs(coordinate))] += coordinate < 0 ? -vector[index] : vector[index]
            }
        }
    }

    /// Prototypes become means, orbits without vectors are forgotten.
    ///
    /// - Parameters:
    ///   - sums: [orbit][magnitude], as `add` made them.
    ///   - counts: vectors of every orbit.
    mutating func update(sums: UnsafePointer<Float>, counts: UnsafeMutableBufferPointer<Double>) {
        for number in 0..<count where counts[number] > 0 {
            for magnitude in 1..<columns {
                let index = number * columns + magnitude
                guard multiplicities[index] > 0 else { continue }
                prototypes[index] = Float(Double(sums[index]) / (counts[number] * Double(multiplicities[index])))
            }
            // Components whose coordinate is 0 stay there: their mean is 0 by symmetry.
        }
        var kept = 0
        for codeword in orbit.indices where counts[Int(orbit[codeword])] > 0 {
            if kept != codeword {
                orbit[kept] = orbit[codeword]
                for index in 0..<dimension {
                    coordinates[kept * dimension + index] = coordinates[codeword * dimension + index]
                }
            }
            kept += 1
        }
        orbit.removeLast(orbit.count - kept)
        coordinates.removeLast(coordinates.count - kept * dimension)
        for number in 0..<count where counts[number] == 0 { sizes[number] = 0 }
    }
}
