import Core
import Stepping

/// What the next row of metrics reports of a training: everything since the row before.
///
///     window.add(total)                                       // a step's sums over all shards
///     window.revived += 3
///     window.sums[squaredError] / Double(window.steps)        // mean of a step
///     window.reset()                                          // when the row is written
///
/// A checkpoint holds it, so that a resumed run writes the same rows.
final class MetricsWindow {
    /// The scalar sums of a step's statistics, over all steps since the row before.
    let sums: Statistics
    /// How often each codeword was chosen.
    let usage: CodewordUsage
    /// Steps since the row before.
    private(set) var steps = 0
    /// Codewords drawn anew.
    var revived = 0

    /// - Parameter layout: of a step's statistics.
    init(_ architecture: NVTCArchitecture, _ layout: StatisticsLayout) {
        usage = CodewordUsage(architecture)
        sums = Statistics(layout: StatisticsLayout(sums: layout.sums))
    }

    /// Adds a step's scalar sums, but for those that the loop has added behind the method's. Usage is the caller's to add.
    func add(_ total: Statistics) {
        for index in sums.sums.indices { sums.sums[index] += total.sums[index] }
        steps += 1
    }

    func reset() {
        sums.sums.update(repeating: 0)
        usage.reset()
        (steps, revived) = (0, 0)
    }

    // MARK: Resumption

    /// "sums" ends with the number of steps and of codewords drawn anew.
    func save(in state: inout TrainingState) {
        state.set("usage.recent", usage.counts)
        state.set("sums", Array(sums.sums) + [Double(steps), Double(revived)])
    }

    /// - Throws: `LloydError` for the state of another model.
    func restore(_ state: TrainingState) throws {
        usage.counts = try state.numbers("usage.recent", count: usage.counts.count)
        var kept = try state.numbers("sums", count: sums.sums.count + 2)
        guard let revived = kept.popLast().flatMap({ Int(exactly: $0) }),
            let steps = kept.popLast().flatMap({ Int(exactly: $0) })
        else {
            throw LloydError(
                path: "the state of a training", problem: "does not count its steps in whole numbers",
                remedy: "resume from another checkpoint")
        }
        (self.steps, self.revived) = (steps, revived)
        for (index, value) in kept.enumerated() { sums.sums[index] = value }
    }
}
