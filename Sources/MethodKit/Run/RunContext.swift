import Foundation
import Messaging
import Training

/// Where a method runs: the loop, the run folder, and the parts that are finished already.
///
///     run.loop.begin("part 1 of 8", id: "part-1", spanning: 0...0.125)
///     guard try run.loop.run(training) == .finished else { return nil }
///     try run.write(data, to: "codebooks/part-1.safetensors")     // the coordinator writes, the others do nothing
public final class RunContext<Parts> {
    /// Drives the steps.
    public let loop: TrainingLoop
    /// The path of the run folder, from which every rank may read what is finished.
    public let path: String
    /// What an earlier, interrupted process of this run has finished.
    public let parts: Parts
    private let folder: RunFolder?

    /// - Parameter folder: where the coordinator writes; nil on other ranks, and if nothing is kept.
    public init(loop: TrainingLoop, path: String = "", parts: Parts, folder: RunFolder? = nil) {
        self.loop = loop
        self.path = path
        self.parts = parts
        self.folder = folder
    }

    /// Threads of a rank.
    public var threads: Int { loop.reduction.team.threads }
    /// Shards of the config.
    public var shards: Int { loop.reduction.tree.shards }
    /// Whether files are written here.
    public var writesFiles: Bool { folder != nil }

    /// Writes a whole file of the run; nothing on ranks other than the coordinator.
    public func write(_ data: Data, to name: String) throws { try folder?.write(data, to: name) }

    /// The same of a file that `write` makes at the path it is given.
    public func write(_ artifact: Artifact) throws { try folder?.write(artifact) }
}
