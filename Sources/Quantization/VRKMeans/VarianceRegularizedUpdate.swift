import Numerics
import Stepping

/// The M-step of VR-Kmeans, solved exactly for every dimension by itself.
///
///     let update = VarianceRegularizedUpdate(targets: targets, lambda: 10, seed: 1, step: 0)
///     update.solve(sums: z, counts: a, codebook: codebook, columns: 0..<dimension)
///
/// In dimension j, with counts a_k, sums z_k and target T_j = K sigma_Cj^2, Eq. 5 of the RRQ paper asks for the minimum of
///
/// ```text
/// -sum_k z_k c_k + 1/2 sum_k a_k c_k^2 + 1/2 lambda s (s - 2 T),     s = sum_k c_k^2.
/// ```
///
/// Its stationary points satisfy (a_k + t) c_k = z_k with t = 2 lambda (s - T), and the one with a_k + t >= 0 for all k is
/// the global minimum (the problem is a trust region whose radius is soft). So t solves one scalar secular equation,
///
/// ```text
/// sum_k z_k^2 / (a_k + t)^2 = T + t / (2 lambda).
/// ```
///
/// It is solved for the difference of the two sides' inverse square roots, which is concave and rises: Newton's steps from
/// the left of the root never pass it. Lanes run over dimensions, which share the counts.
///
/// A codeword without vectors (a_k = 0, z_k = 0) can take up variance that the others lack: if the root would lie left of
/// t = -min a, the shortfall is spread evenly over those codewords with random signs. That is still an exact minimum, and it
/// is what revives dead codewords.
public struct VarianceRegularizedUpdate: Sendable {
    typealias Lanes = SIMD16<Float>

    /// T_j = K sigma_Cj^2 of the active dimensions.
    public let targets: [Float]
    /// The weight of the regularization, in the units of the data to the power -2.
    public let lambda: Float
    let signs: CounterRandom

    /// The update for one codebook.
    /// - Parameters:
    ///   - targets: K times the optimal codeword variance of each dimension; positive.
    ///   - lambda: at least 0; 0 is the update of K-means, with dead codewords at the origin.
    ///   - seed: what the random signs of revived codewords follow from.
    ///   - step: tells apart the signs of several trainings under one seed, such as layers.
    public init(targets: [Double], lambda: Double, seed: UInt64, step: Int) {
        precondition(lambda >= 0)
        self.targets = targets.map { Float($0) }
        self.lambda = Float(lambda)
        signs = CounterRandom(seed: seed, purpose: .revival, step: step)
    }

    /// Writes the optimal codewords for the given dimensions.
    /// - Parameters:
    ///   - sums: Z, row-major, codewords x dimensions: the sum of the vectors of each codeword.
    ///   - counts: a, the number of vectors of each codeword.
    ///   - codebook: codewords x dimensions; only `columns` are written.
    public func solve(sums: UnsafePointer<Float>, counts: [Float], codebook: Matrix, columns: Range<Int>) {
        let codewords = codebook.rows
        let width = Lanes.scalarCount
        let smallest = counts.min() ?? 0
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: codewords) { squares in
            withUnsafeTemporaryAllocation(of: Lanes.self, capacity: codewords) { values in
                var start = columns.lowerBound
                while start < columns.upperBound {
                    let lanes = min(width, columns.upperBound - start)
                    load(sums, codebook, counts, smallest, start, lanes, values, squares)
                    solveGroup(values, squares, counts, smallest, start, lanes, codebook)
                    start += lanes
                }
            }
        }
    }

    private func load(
        _ sums: UnsafePointer<Float>, _ codebook: Matrix, _ counts: [Float], _ smallest: Float, _ start: Int,
        _ lanes: Int, _ values: UnsafeMutableBufferPointer<Lanes>, _ squares: UnsafeMutableBufferPointer<Lanes>
    ) {
        for codeword in 0..<codebook.rows {
            let row = sums + codeword * codebook.columns + start
            let value =
                lanes == Lanes.scalarCount
                ? UnsafeRawPointer(row).loadUnaligned(as: Lanes.self)
                : partial(row, lanes)
            values[codeword] = value
            squares[codeword] = value * value
        }
    }

    private func partial(_ row: UnsafePointer<Float>, _ lanes: Int) -> Lanes {
        var value = Lanes.zero
        for lane in 0..<lanes { value[lane] = row[lane] }
        return value
    }

    /// One group of dimensions. `tau` = t + min a keeps full precision next to the pole of the least used codeword.
    private func solveGroup(
        _ values: UnsafeMutableBufferPointer<Lanes>, _ squares: UnsafeMutableBufferPointer<Lanes>, _ counts: [Float],
        _ smallest: Float, _ start: Int, _ lanes: Int, _ codebook: Matrix
    ) {
        let codewords = counts.count
        if lambda == 0 {
            for codeword in 0..<codewords {
                store(values[codeword] / max(counts[codeword], 1), codeword, start, lanes, codebook)
            }
            return
        }
        var target = Lanes.zero
        for lane in 0..<lanes { target[lane] = targets[start + lane] }
        let half = 1 / (2 * lambda)
        let offset = target - smallest * half
        let floor = (smallest - target / half).replacing(with: 0, where: smallest .< target / half)

        // If the sums of all least used codewords are zero, the pole is gone and the root may lie beyond it.
        var poleWeight = Lanes.zero
        for codeword in 0..<codewords where counts[codeword] == smallest { poleWeight += squares[codeword] }
        var atFloor = Lanes.zero
        for codeword in 0..<codewords where counts[codeword] != smallest {
            let inverse = 1 / (counts[codeword] - smallest)
            atFloor += squares[codeword] * (inverse * inverse)
        }
        let shortfall = offset - atFloor
        let beyond = (poleWeight .== 0) .& (shortfall .>= 0)

        var tau = Lanes(repeating: max(smallest, 1))
        tau = tau.replacing(with: floor + 1, where: tau .<= floor)
        for _ in 0..<64 {
            var length = Lanes.zero
            var slope = Lanes.zero
            for codeword in 0..<codewords {
                let inverse = 1 / (tau + (counts[codeword] - smallest))
                let term = squares[codeword] * inverse * inverse
                length += term
                slope += term * inverse
            }
            let right = offset + tau * half
            let lengthRoot = 1 / length.squareRoot()
            let rightRoot = 1 / right.squareRoot()
            let difference = lengthRoot - rightRoot
            let derivative =
                slope * lengthRoot * lengthRoot * lengthRoot + 0.5 * half * rightRoot * rightRoot * rightRoot
            var next = tau - difference / derivative
            // A step from the right of the root may leave the domain; a tenth of the way back to its edge does not.
            let outside = .!(next .> floor)
            next = next.replacing(with: floor + 0.1 * (tau - floor), where: outside)
            next = next.replacing(with: tau, where: beyond)
            let change = tau - next
            tau = next
            let settled = (change * change .<= 1e-13 * tau * tau) .| beyond
            var done = true
            for lane in 0..<lanes where !settled[lane] { done = false }
            if done { break }
        }

        let free = counts.reduce(into: 0) { if $1 == smallest { $0 += 1 } }
        let spread = (shortfall / Float(free)).replacing(with: 0, where: .!beyond).squareRoot()
        let limit = tau.replacing(with: 0, where: beyond)
        for codeword in 0..<codewords {
            let distance = counts[codeword] - smallest
            var word = values[codeword] / (limit + distance)
            if distance == 0 {
                word = word.replacing(with: signed(spread, codeword, start, lanes), where: beyond)
            }
            store(word, codeword, start, lanes, codebook)
        }
    }

    private func signed(_ magnitude: Lanes, _ codeword: Int, _ start: Int, _ lanes: Int) -> Lanes {
        var result = magnitude
        for lane in 0..<lanes {
            let dimension = start + lane
            let words = signs.words(item: codeword, draw: dimension >> 7)
            if words[dimension >> 5 & 3] >> UInt32(dimension & 31) & 1 == 1 { result[lane].negate() }
        }
        return result
    }

    private func store(_ value: Lanes, _ codeword: Int, _ start: Int, _ lanes: Int, _ codebook: Matrix) {
        let row = codebook.pointer + codeword * codebook.columns + start
        if lanes == Lanes.scalarCount {
            UnsafeMutableRawPointer(row).storeBytes(of: value, as: Lanes.self)
        } else {
            for lane in 0..<lanes { row[lane] = value[lane] }
        }
    }
}
