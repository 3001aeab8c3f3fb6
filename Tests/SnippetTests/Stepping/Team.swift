// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func teamExample(work: (Int, [Float]) throws -> Void, scratches: [[Float]]) throws {
    let team = Team(threads: 2)
    try team.forEach(count: 64) { shard, worker in
        try work(shard, scratches[worker])                 // worker is in 0..<team.threads
    }
}
