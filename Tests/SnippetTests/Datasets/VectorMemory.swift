// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func vectorMemoryExample() throws {
    let memory = try VectorMemory(budget: 2 << 30, needed: 20 << 30, largest: 300 << 20, threads: 1)
    let shard = memory.matrix(rows: 9000, columns: 1000)
    shard.use().pointer                           // for as long as the shard is worked on
}
