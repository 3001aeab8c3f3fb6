// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func leastCostExample(count: Int, costs: Lanes) {
    var least = LeastCost()
    for codeword in stride(from: 0, to: count, by: Lanes.scalarCount) { least.consider(costs, left: count - codeword) }
    let best = least.index
}
