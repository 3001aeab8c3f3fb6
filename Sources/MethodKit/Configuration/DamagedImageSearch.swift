import Datasets
import Foundation
import Messaging
import Training

/// Finds the damaged images of a data set, with all ranks and threads, for `data.damaged: skip`.
///
///     let search = DamagedImageSearch(world: world, team: team)
///     let damaged = try search.damaged(of: "photos")          // the same on every rank
///
/// What is damaged follows from the bytes of the files alone, so it is the same for any number of ranks. Every image is
/// decoded once; an image that the system cannot give is not damage, but an error.
public struct DamagedImageSearch {
    private let communicator: (any Communicator)?
    private let team: Team
    private let headersOnly: Bool

    /// - Parameter headersOnly: looks at headers alone, for plans: damage that only pixels show is not found.
    public init(world: (any Communicator)? = nil, team: Team = Team(threads: 1), headersOnly: Bool = false) {
        communicator = world
        self.team = team
        self.headersOnly = headersOnly
    }

    /// The damaged images, by their numbers. Called on every rank alike.
    public func damaged(of path: String) throws -> [DamagedImage] {
        let inventory = try ImageInventory(path)
        let (rank, size) = (communicator?.rank ?? 0, communicator?.size ?? 1)
        let own = Array(stride(from: rank, to: inventory.count, by: size))
        let lock = NSLock()
        var found: [DamagedImage] = []
        try team.forEach(count: own.count) { item, _ in
            let index = own[item]
            let reason =
                headersOnly ? try inventory.examineHeader(index) : try inventory.examine(index).damage
            guard let reason else { return }
            lock.withLock { found.append(DamagedImage(index: index, file: inventory.file(index), reason: reason)) }
        }
        return try gathered(found).sorted { $0.index < $1.index }
    }

    private func gathered(_ own: [DamagedImage]) throws -> [DamagedImage] {
        guard let communicator, communicator.size > 1 else { return own }
        let bytes = [UInt8](try JSONEncoder().encode(own))
        let counts = try communicator.allGather(value: Int64(bytes.count)).map { Int($0) }
        var offsets = [0]
        for count in counts { offsets.append(offsets.last! + count) }
        var all = [UInt8](repeating: 0, count: offsets.last!)
        all.replaceSubrange(offsets[communicator.rank]..<offsets[communicator.rank + 1], with: bytes)
        try all.withUnsafeMutableBufferPointer {
            try communicator.allGather($0, counts: counts, offsets: Array(offsets.dropLast()))
        }
        return try counts.indices.flatMap {
            try JSONDecoder().decode([DamagedImage].self, from: Data(all[offsets[$0]..<offsets[$0 + 1]]))
        }
    }
}
