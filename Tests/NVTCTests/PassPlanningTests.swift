import NVTC
import Numerics
import Testing

/// Passes that are recorded without memory: what they say of those that have some.
@Suite struct PassPlanningTests {
    /// 44.95 GFLOP forward and 134.6 in all for a 256 x 256 image: measured on the published implementation.
    @Test func thePapersModelTakesTheOperationsPublished() {
        let model = NVTCModel(.paper, seed: 1)
        let pass = NVTCPass(model, height: 256, width: 256, phase: .full(.paper), isAllocated: false)
        let work = pass.tape.work
        #expect(abs(work.forward / 44.95e9 - 1) < 0.01, "\(work)")
        #expect(abs((work.forward + work.backward) / 134.6e9 - 1) < 0.01, "\(work)")
        // What one pass of the paper's model may take, so that a rank stays below 1 GB.
        #expect(pass.tape.memory.total < 750_000_000, "\(pass.tape.memory)")
        let whole = NVTCPass(
            model, height: 512, width: 768, phase: .full(.paper), isTraining: false, isAllocated: false)
        #expect(whole.tape.memory.total < 300_000_000, "\(whole.tape.memory)")
    }

    @Test(arguments: [true, false]) func memoryIsForetold(isTraining: Bool) {
        let model = NVTCModel(Small.architecture, seed: 1)
        func pass(_ isAllocated: Bool) -> NVTCPass {
            NVTCPass(
                model, height: 40, width: 48, phase: .full(Small.architecture), isTraining: isTraining,
                isAllocated: isAllocated)
        }
        let (planned, real) = (pass(false).tape, pass(true).tape)
        real.forward()
        if isTraining {
            let gradients = AlignedBuffer<Float>(count: model.parameters.count)
            real.backward(into: gradients.pointer) { _ in }
        }
        #expect(planned.memory == real.memory)
        #expect(planned.memory.values > 0 && planned.memory.scratch > 0 && planned.memory.kept > 0)
        #expect((planned.memory.gradients > 0) == isTraining)
    }
}
