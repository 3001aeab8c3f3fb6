// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func inProcessCommunicatorExample() throws {
    let sums = try InProcessCommunicator.run(size: 3) { world in
        try world.allGather(value: Int64(world.rank)).reduce(0, +)
    }
    // [3, 3, 3]
}
