// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func reductionTreeExample() {
    let tree = ReductionTree(shards: 64)
    tree.ownedShards(rank: 1, ranks: 3)                     // 21..<42
    tree.partialNodes(of: 21..<42)                          // the five largest subtrees inside the range
}
