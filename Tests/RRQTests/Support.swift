import Datasets
import Foundation
import Messaging
import Numerics
import Training

@testable import RRQ

/// A loop that no signal stops.
func makeLoop(
    _ world: any Communicator = SingleCommunicator(), threads: Int = 1, shards: Int = 8
) throws -> TrainingLoop {
    let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: shards)
    loop.stopRequested = { false }
    return loop
}

/// The vectors of a source as they are, on the members that own them.
func load(_ source: any VectorSource, _ loop: TrainingLoop, name: String = "vectors") throws -> VectorShards {
    let dimension = source.dimension
    return try VectorShards.load(source, name: name, reduction: loop.reduction) { read, kept, _ in
        kept.update(from: read, count: dimension)
    }
}

extension VectorShards {
    /// All vectors that this member owns, in order.
    var rows: [[Float]] {
        owned.flatMap { shard in (0..<self[shard].rows).map { Array(self[shard].row($0)) } }
    }
}

/// Values as bytes, for comparisons that must not forgive a bit.
func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
