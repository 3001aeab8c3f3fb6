import Core
import Datasets
import NVTC
import TestSupport
import Testing

@Suite struct ReferenceWeightsTests {
    private func write(_ tensors: [String: Tensor], _ folder: ScratchFolder) throws -> SafeTensors {
        try SafeTensors.write(tensors, to: folder / "weights.safetensors")
        return try SafeTensors(folder / "weights.safetensors")
    }

    @Test func weightsSurviveTheWayThereAndBack() throws {
        let folder = try ScratchFolder()
        let (one, other) = (NVTCModel(Small.architecture, seed: 1), NVTCModel(Small.architecture, seed: 2))
        let tensors = ReferenceWeights.tensors(of: one)
        #expect(tensors["downscaling.1.1.weight"]!.shape == [12, 40, 1, 1])
        #expect(tensors["downscaling.0.2.m.0.m.2.weight"]!.shape == [10, 10, 3, 3])
        #expect(tensors["vt_decoder.1.0.1.inter_transform.weight"]!.shape == [12, 4, 4])
        #expect(tensors["quantizer.1.0.entropy_model.prior_fn.nn.2.weight"]!.shape == [17, 7])
        try ReferenceWeights.load(write(tensors, folder), into: other)
        for (a, b) in zip(one.parameters.parameters, other.parameters.parameters) {
            #expect((0..<a.count).allSatisfy { a.values[$0] == b.values[$0] }, "\(a.name)")
        }
    }

    /// Such a model would take a terabyte: its file's few tensors say that it is not there.
    @Test func sizesAreComparedWithTheFileBeforeMemoryIsTaken() throws {
        let folder = try ScratchFolder()
        let file = try write(ReferenceWeights.tensors(of: NVTCModel(Small.architecture, seed: 1)), folder)
        #expect(try ReferenceWeights.model(Small.architecture, from: file).parameters.learned > 0)
        var wide = Small.architecture
        var many = Small.architecture
        for stage in wide.stages.indices {
            wide.stages[stage].width = 4096
            wide.stages[stage].factor = 16
            many.stages[stage].layers = 64
            many.stages[stage].units = 64
        }
        for architecture in [wide, many] {
            #expect(architecture.isSound)
            #expect(throws: LloydError.self) { try ReferenceWeights.model(architecture, from: file) }
        }
    }

    @Test func aMissingOrMisshapenTensorIsNamedAndNothingIsChanged() throws {
        let folder = try ScratchFolder()
        let model = NVTCModel(Small.architecture, seed: 1)
        let before = model.parameters.snapshot()
        let name = "projection_in.1.1.weight"
        var missing = ReferenceWeights.tensors(of: NVTCModel(Small.architecture, seed: 2))
        let whole = missing
        missing[name] = nil
        var misshapen = whole
        misshapen[name] = Tensor([Float](repeating: 0, count: 36), shape: [12, 3, 1, 1])
        var infinite = whole
        infinite[name] = Tensor([Float](repeating: .infinity, count: 36), shape: [3, 12, 1, 1])
        var integers = whole
        integers[name] = Tensor([Int32](repeating: 1, count: 36), shape: [3, 12, 1, 1])
        for (tensors, word) in [
            (missing, "missing"), (misshapen, "[3, 12, 1, 1]"), (infinite, "not finite"), (integers, "I32"),
        ] {
            let error = #expect(throws: LloydError.self) {
                try ReferenceWeights.load(write(tensors, folder), into: model)
            }
            #expect("\(error!)".contains(name) && "\(error!)".contains(word), "\(error!)")
            #expect((0..<before.count).allSatisfy { before[$0] == model.parameters.values[$0] })
        }
    }

    @Test func aModelsFileStatesItsSizes() throws {
        let folder = try ScratchFolder()
        let model = NVTCModel(Small.architecture, seed: 5)
        try NVTCModelFile.write(model, lambda: 128, steps: 7, isRateConstrained: true, to: folder / "model.safetensors")
        let file = try NVTCModelFile(folder / "model.safetensors")
        #expect(file.architecture == Small.architecture && file.lambda == 128 && file.steps == 7)
        let read = try file.model().parameters.values
        #expect((0..<read.count).allSatisfy { read[$0] == model.parameters.values[$0] })
        try SafeTensors.write([:], metadata: ["format": "other"], to: folder / "other.safetensors")
        #expect(throws: LloydError.self) { _ = try NVTCModelFile(folder / "other.safetensors") }
    }
}
