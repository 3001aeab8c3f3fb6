import Foundation
import Messaging
import Neural
import Numerics
import Testing
import Training

/// Learns y = 2 x - 1 of counted samples: something whose optimum is known.
private final class LineReplica: GradientReplica {
    let tape: Tape
    private let (x, y): (Value, Value)
    private let rows = 8

    init(_ layer: Linear, _ parameters: ParameterSet) {
        tape = Tape(parameters: parameters)
        x = tape.input(rows: rows, columns: 1)
        y = tape.input(rows: rows, columns: 1)
        let term = tape.term("error")
        term.weight = 1 / 40
        squaredError(layer(x, on: tape), y, term: term, on: tape)
    }

    func load(step: Int, microBatch: Int) {
        let random = CounterRandom(seed: 3, purpose: .test, step: step)
        for row in 0..<rows {
            x.data[row] = Float(random.uniform(item: microBatch * rows + row)) * 2 - 1
            y.data[row] = 2 * x.data[row] - 1
        }
    }
}

/// A model of several rows of parameters, whose gradients become final one row after the other.
private final class SmallModelReplica: GradientReplica {
    let model = SmallModel(seed: 5)
    var tape: Tape { model.tape }

    func load(step: Int, microBatch: Int) {
        let random = CounterRandom(seed: 4, purpose: .test, step: step)
        random.normals(
            item: microBatch, into: UnsafeMutableBufferPointer(start: model.input.data, count: model.input.count))
        for place in 0..<model.noise.noise.count {
            model.noise.noise[place] = Float(random.uniform(item: microBatch, draw: 10_000 + place)) - 0.5
        }
    }
}

@Suite struct DescentTests {
    private func learn(ranks: Int, threads: Int, clipping: Double? = nil) throws -> [[Float]] {
        try InProcessCommunicator.run(size: ranks) { world in
            let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: 16)
            loop.stopRequested = { false }
            let parameters = ParameterSet()
            let layer = Linear(inputs: 1, outputs: 1, name: "line", in: parameters)
            parameters.initialize(seed: 2)
            var settings = GradientDescent.Settings(
                steps: 300, microBatches: 5,
                schedule: LearningRateSchedule(peak: 0.1, warmUp: 10, shape: .cosine(floor: 0)))
            settings.clipping = clipping
            let training = GradientDescent(
                parameters: parameters, settings: settings,
                replicas: (0..<threads).map { _ in LineReplica(layer, parameters) })
            #expect(try loop.run(training, shards: 5) == .finished)
            return [layer.weight.values[0], layer.bias.values[0]]
        }
    }

    @Test func findsTheLine() throws {
        let result = try learn(ranks: 1, threads: 1)[0]
        #expect(abs(result[0] - 2) < 1e-3 && abs(result[1] + 1) < 1e-3)
    }

    @Test(arguments: [(2, 1), (3, 1), (4, 2), (5, 1), (1, 2), (1, 3)])
    func hasTheSameBytesOnAnyRanksAndThreads(ranks: Int, threads: Int) throws {
        let alone = try learn(ranks: 1, threads: 1, clipping: 0.5)[0]
        for result in try learn(ranks: ranks, threads: threads, clipping: 0.5) { #expect(result == alone) }
    }

    /// Gradients are exchanged row by row while the backward pass continues.
    @Test func earlyExchangeKeepsTheBytes() throws {
        func learn(ranks: Int, early: Bool) throws -> [[UInt32]] {
            try InProcessCommunicator.run(size: ranks) { world in
                let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 5)
                loop.stopRequested = { false }
                if early { loop.reduction.leastChunk = 4 * ParameterSet.rowLength }
                let replica = SmallModelReplica()
                let parameters = replica.model.parameters
                #expect(parameters.count >= 2 * ParameterSet.rowLength, "one row would be one part")
                let settings = GradientDescent.Settings(
                    steps: 20, microBatches: 5, schedule: LearningRateSchedule(peak: 0.01, shape: .cosine(floor: 0)))
                let descent = GradientDescent(parameters: parameters, settings: settings, replicas: [replica])
                #expect(try loop.run(descent) == .finished)
                return (0..<parameters.count).map { parameters.values.pointer[$0].bitPattern }
            }
        }
        let alone = try learn(ranks: 1, early: false)[0]
        for ranks in 2...4 {
            for result in try learn(ranks: ranks, early: true) { #expect(result == alone) }
        }
    }

    /// With momentum, clipping, a running mean and rows of metrics that span the interruption.
    @Test(arguments: [1, 30, 77]) func aStateGoesOnWithTheSameBytes(stop: Int) throws {
        func descent(_ replica: SmallModelReplica) -> GradientDescent {
            var settings = GradientDescent.Settings(
                steps: 80, microBatches: 5, schedule: LearningRateSchedule(peak: 0.01, shape: .cosine(floor: 0)))
            (settings.clipping, settings.averaging, settings.interval) = (0.1, 0.9, 20)
            return GradientDescent(parameters: replica.model.parameters, settings: settings, replicas: [replica])
        }
        func run(_ descent: GradientDescent, until stop: Int? = nil) throws -> [String] {
            let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 5)
            var rows: [String] = []
            loop.onMetrics = { rows.append($0.json) }
            loop.stopRequested = { descent.step + 1 == stop }
            #expect(try loop.run(descent) == (stop == nil ? .finished : .stopped))
            return rows
        }
        func bytes(_ replica: SmallModelReplica) -> [UInt32] {
            let parameters = replica.model.parameters
            return (0..<parameters.count).map { parameters.values.pointer[$0].bitPattern }
        }
        let (alone, first, second) = (SmallModelReplica(), SmallModelReplica(), SmallModelReplica())
        let whole = descent(alone)
        let rows = try run(whole)
        let interrupted = descent(first)
        let before = try run(interrupted, until: stop)
        let resumed = descent(second)
        try resumed.restore(try #require(interrupted.state()))
        let found: [String] = before + (try run(resumed))
        #expect(found == rows)
        #expect(bytes(second) == bytes(alone))
        whole.useAverage()
        resumed.useAverage()
        #expect(bytes(second) == bytes(alone), "the running means agree, too")
    }

    @Test func moreRanksThanMicroBatchesIsAnError() throws {
        #expect(throws: (any Error).self) { try self.learn(ranks: 6, threads: 1) }
    }

    /// The first steps of Adam by hand: with bias correction the first one is the learning rate itself.
    @Test func adamFollowsItsEquations() throws {
        let parameters = ParameterSet()
        let parameter = parameters.add("p", shape: [3], initialization: .values([1, 2, 3]))
        let slow = parameters.add("q", shape: [1], initialization: .values([1]), rateFactor: 0.5)
        parameters.initialize(seed: 1)
        let adam = Adam(parameters: parameters)
        let gradients = AlignedBuffer<Float>(count: parameters.count)
        var (mean, square, value) = (0.0, 0.0, 1.0)
        for step in 1...5 {
            let gradient = 0.3 * Double(step) - 0.7
            gradients[0] = Float(gradient)
            gradients[slow.offset] = Float(gradient)
            try adam.step(gradients.pointer, rate: 0.01, team: Team(threads: 1))
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient * gradient
            value -=
                0.01 * (mean / (1 - pow(0.9, Double(step))))
                / ((square / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8)
            #expect(abs(Double(parameter.values[0]) - value) < 1e-5)
        }
        #expect(parameter.values[1] == 2 && parameter.values[2] == 3)
        #expect(abs(Double(1 - slow.values[0]) - 0.5 * (1 - value)) < 1e-5)
    }

    @Test func schedulesRiseAndFall() {
        let cosine = LearningRateSchedule(peak: 1, warmUp: 10, shape: .cosine(floor: 0.1))
        #expect(abs(cosine.rate(step: 4, of: 110) - 0.5) < 1e-12)
        #expect(cosine.rate(step: 10, of: 110) == 1)
        #expect(abs(cosine.rate(step: 60, of: 110) - 0.55) < 1e-12)
        #expect(abs(cosine.rate(step: 110, of: 110) - 0.1) < 1e-12)
        let steps = LearningRateSchedule(
            peak: 2, shape: .milestones([.init(share: 0.5, factor: 0.1), .init(share: 0.9, factor: 0.5)]))
        #expect([0, 49, 50, 89, 90].map { steps.rate(step: $0, of: 100) } == [2, 2, 0.2, 0.2, 0.1])
    }
}
