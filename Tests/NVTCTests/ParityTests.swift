import Datasets
import Foundation
import NVTC
import TestSupport
import Testing

/// Against the same model in PyTorch, number by number, in double precision: every index, rate and gradient.
@Suite struct ParityTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Launch/peers/nvtc.py").path

    /// For the tests that let PyTorch write reference vectors.
    private static let needsPyTorch = ConditionTrait.enabled(
        if: PythonScript.has("torch"), "needs PyTorch: python3 -m pip install numpy torch")

    /// Writes reference vectors.
    private func makeFolder(_ folder: ScratchFolder, _ config: String) throws -> String {
        let path = try folder.write(config, to: "config.json")
        let made = folder / "vectors"
        let result = try ChildProcess.run(
            "/usr/bin/env", arguments: ["python3", Self.script, "reference", path, made])
        #expect(result.status == 0, "\(result)")
        return made
    }

    /// Other blocks, an image that needs padding, odd numbers of channels; then the published proportions.
    static let configs = [
        """
        {"config": {"lmbda": 64, "n_stage": 2, "n_layer": [1, 2], "downscale_factor": [4, 8], "vt_dim": [12, 20],
        "vt_nunit": [1, 2], "block_size": [4, 2], "cb_dim": [3, 5], "cb_size": [11, 24], "param_dim": [4, 3],
        "param_nlevel": [5, 6]}, "image": [70, 45], "seed": 3}
        """,
        """
        {"config": {"lmbda": 512, "n_stage": 3, "n_layer": [2, 1, 2], "downscale_factor": [4, 8, 16],
        "vt_dim": [16, 24, 32], "vt_nunit": [2, 1, 2], "block_size": [4, 4, 4], "cb_dim": [4, 8, 16],
        "cb_size": [16, 32, 64], "param_dim": [4, 4, 4], "param_nlevel": [8, 8, 8]}, "image": [64, 128], "seed": 8}
        """,
    ]

    @Test(needsPyTorch, arguments: configs) func everyNumberAgreesInEveryPhase(config: String) throws {
        let scratch = try ScratchFolder()
        let made = try makeFolder(scratch, config)
        let folder = try ParityFolder(made)
        #expect(folder.imageOrder == "channels first")
        let results = try ParityCheck(folder).run()
        #expect(results.keys.sorted() == ["full", "init_all", "init_stage3_only"])
        for (phase, result) in results {
            #expect(result.isWithinLimits, "\(phase): \(result)")
            #expect(result.reconstruction < 1e-4 && result.layerBits < 1e-4 && result.layerDistance < 1e-4, "\(phase)")
            #expect(result.indices > 0 && result.gradients > 50)
        }
        #expect(results["full"]!.gradients > results["init_all"]!.gradients)
    }

    /// A wrong number is found: the check is not blind.
    @Test(needsPyTorch) func aChangedWeightIsNoticed() throws {
        let scratch = try ScratchFolder()
        let made = try makeFolder(scratch, Self.configs[0])
        let file = try SafeTensors(made + "/weights.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names { tensors[name] = try file.tensor(name) }
        let name = "vt_decoder.0.0.0.inter_transform.weight"
        var values = tensors[name]!.floats()!
        values[7] += 0.05
        tensors[name] = Tensor(values, shape: tensors[name]!.shape)
        try SafeTensors.write(tensors, to: made + "/weights.safetensors")
        #expect(try ParityCheck(ParityFolder(made)).run()["full"]!.isWithinLimits == false)
    }

    /// Some files hold the image with its channels innermost in spite of its shape: the stated distortion tells.
    @Test(needsPyTorch) func anImageInTheOtherOrderIsRecognized() throws {
        let scratch = try ScratchFolder()
        let made = try makeFolder(scratch, Self.configs[0])
        let file = try SafeTensors(made + "/expected.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names { tensors[name] = try file.tensor(name) }
        let planes = tensors["input.x"]!
        let (values, plane) = (planes.floats()!, planes.count / 3)
        let interleaved = (0..<planes.count).map { values[$0 % 3 * plane + $0 / 3] }
        tensors["input.x"] = Tensor(interleaved, shape: planes.shape)
        try SafeTensors.write(tensors, to: made + "/expected.safetensors")
        let folder = try ParityFolder(made)
        #expect(folder.imageOrder == "channels last")
        #expect(try ParityCheck(folder).run()["full"]!.isWithinLimits)
    }

    @Test func aFolderThatIsNotOneIsRefused() throws {
        let scratch = try ScratchFolder()
        #expect(throws: LloydError.self) { _ = try ParityFolder(scratch / "absent") }
        try scratch.write("{}", to: "bad/meta.json")
        #expect(throws: LloydError.self) { _ = try ParityFolder(scratch / "bad") }
    }
}
