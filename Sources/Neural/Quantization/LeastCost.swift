import Numerics

/// The least of many costs that arrive a register at a time, and its index: the first among equals.
///
///     var least = LeastCost()
///     for codeword in stride(from: 0, to: count, by: Lanes.scalarCount) { least.consider(costs, left: count - codeword) }
///     let best = least.index
struct LeastCost {
    private var costs = Lanes(repeating: .infinity)
    private var indices = IndexLanes(repeating: 0)
    private var current = IndexLanes.ascending

    /// - Parameter left: lanes that count, if fewer than a register's.
    @inline(__always) mutating func consider(_ cost: Lanes, left: Int) {
        var better = cost .< costs
        if left < Lanes.scalarCount {
            better .&= IndexLanes.ascending .< IndexLanes(repeating: Int32(left))
        }
        costs = costs.replacing(with: cost, where: better)
        indices = indices.replacing(with: current, where: better)
        current &+= IndexLanes(repeating: Int32(Lanes.scalarCount))
    }

    var index: Int {
        var (value, index) = (costs[0], indices[0])
        for lane in 1..<Lanes.scalarCount
        where costs[lane] < value || (costs[lane] == value && indices[lane] < index) {
            (value, index) = (costs[lane], indices[lane])
        }
        return Int(index)
    }
}
