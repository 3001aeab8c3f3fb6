// The inner kernel of the search: scores of a register tile, some codewords by some vectors.
//
// The score of codeword c for vector x is x.c - ||c||^2 / 2; the nearest codeword has the largest. Lanes run over
// vectors and codeword values are broadcast, so that the comparison stays within lanes. Every score is one chain of
// (fused) multiply-adds over the dimensions in ascending order, started at -||c||^2 / 2, whatever the tile, the block
// or the neighbors are: that is what makes a vector's result independent of everything else in the call.

#if LLOYD_AVX512
    typealias Lanes = SIMD16<Float>
    typealias IndexLanes = SIMD16<Int32>
#else
    typealias Lanes = SIMD8<Float>
    typealias IndexLanes = SIMD8<Int32>
#endif

@inline(__always)
func multiplyAdd(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes {
    #if LLOYD_FMA
        return sum.addingProduct(a, b)
    #else
        return sum + a * b
    #endif
}

/// One codeword's scores for the vectors of a panel: two registers of lanes.
struct ScorePair {
    var low: Lanes
    var high: Lanes

    @inline(__always)
    init(repeating value: Float) {
        low = Lanes(repeating: value)
        high = low
    }

    @inline(__always)
    init(_ memory: UnsafePointer<Lanes>) {
        low = memory[0]
        high = memory[1]
    }

    @inline(__always)
    mutating func add(_ lowVectors: Lanes, _ highVectors: Lanes, times value: Float) {
        let broadcast = Lanes(repeating: value)
        low = multiplyAdd(low, lowVectors, broadcast)
        high = multiplyAdd(high, highVectors, broadcast)
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Lanes>) {
        memory[0] = low
        memory[1] = high
    }
}

/// The best score so far of each vector of a panel, and the codeword that has it.
struct BestPair {
    var low: Lanes
    var high: Lanes
    var lowIndex: IndexLanes
    var highIndex: IndexLanes

    @inline(__always)
    init(scores: UnsafePointer<Lanes>, indices: UnsafePointer<IndexLanes>) {
        low = scores[0]
        high = scores[1]
        lowIndex = indices[0]
        highIndex = indices[1]
    }

    /// A strict comparison in ascending order of codewords: the lowest index wins ties, and NaN never wins.
    @_transparent
    mutating func consider(_ score: ScorePair, codeword: Int32) {
        let index = IndexLanes(repeating: codeword)
        (low, lowIndex) = winner(low, lowIndex, score.low, index)
        (high, highIndex) = winner(high, highIndex, score.high, index)
    }

    @inline(__always)
    func store(scores: UnsafeMutablePointer<Lanes>, indices: UnsafeMutablePointer<IndexLanes>) {
        scores[0] = low
        scores[1] = high
        indices[0] = lowIndex
        indices[1] = highIndex
    }
}

@_transparent
func winner(
    _ best: Lanes, _ bestIndex: IndexLanes, _ score: Lanes, _ index: IndexLanes
) -> (Lanes, IndexLanes) {
    let wins = score .> best
    return (best.replacing(with: score, where: wins), bestIndex.replacing(with: index, where: wins))
}
