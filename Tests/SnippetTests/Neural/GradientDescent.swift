// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func gradientDescentExample1() {
    final class Replica: GradientReplica {
        let tape: Tape
        let x: Value
        init(_ tape: Tape, _ x: Value) { (self.tape, self.x) = (tape, x) }
        func load(step: Int, microBatch: Int) {
            let random = CounterRandom(seed: 1, purpose: .test, step: step)
            for i in 0..<x.count { x.data[i] = Float(random.uniform(item: microBatch * x.count + i)) }
        }
    }
}

private func gradientDescentExample2(
    parameters: ParameterSet, settings: GradientDescent.Settings, replicas: [any GradientReplica], loop: TrainingLoop
) throws {
    let descent = GradientDescent(parameters: parameters, settings: settings, replicas: replicas)
    _ = try loop.run(descent, shards: settings.microBatches)    // on any number of ranks
    let means = descent.means                               // of each term over the last stretch of steps
}
