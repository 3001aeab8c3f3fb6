// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func memoryBudgetExample(count: Int, dimension: Int) throws {
    try MemoryBudget.require(bytes: count * dimension * 4, key: "data.count", what: "the training data")
}
