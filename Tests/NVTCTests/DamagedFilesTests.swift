import Core
import Datasets
import Foundation
import NVTC
import TestSupport
import Testing

/// Files that are damaged, or state what no machine could hold: an error names the file, and nothing is allocated.
@Suite struct DamagedFilesTests {
    /// Sizes that take terabytes, although each of them alone is one that models may have.
    private static let absurd: NVTCArchitecture = {
        var architecture = Small.architecture
        for stage in architecture.stages.indices {
            architecture.stages[stage].width = 4096
            architecture.stages[stage].codewords = 4096
            architecture.stages[stage].dimension = 4096
        }
        return architecture
    }()

    private func error(_ path: String, _ read: () throws -> Void) {
        let error = #expect(throws: LloydError.self, performing: read)
        #expect(error?.path.hasPrefix(path) == true, "\(String(describing: error))")
    }

    // MARK: JSON

    @Test(arguments: [
        "", "{", "[]", #"{"point": 3, "metricRows": 1}"#, #"{"point": {"lambda": 1e999}, "metricRows": 1}"#, "\u{0}",
    ])
    func aDamagedPointIsNamed(text: String) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(text, to: "points/nvtc-64.json")
        error(path) { _ = try NVTCMethod.Parts(resuming: folder.path, metricRows: 9) }
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"config": {"lmbda": "64"}, "phases": {}}"#, #"{"config": null, "phases": {}}"#,
        #"{"phases": {}, "phases": {}}"#, #"{"config": {"lmbda": 1e999}, "phases": {}}"#,
    ])
    func aDamagedDescriptionOfReferenceVectorsIsNamed(text: String) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(text, to: "vectors/meta.json")
        error(path) { _ = try ParityFolder(folder / "vectors") }
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"stages": []}"#, #"{"stages": [{"factor": 1e30}]}"#])
    func damagedSizesOfAModelAreNamed(text: String) throws {
        let folder = try ScratchFolder()
        let path = folder / "model.safetensors"
        try SafeTensors.write(
            [:], metadata: ["format": "lloyd-nvtc-1", "architecture": text, "lambda": "64", "steps": "1"], to: path)
        error(path) { _ = try NVTCModelFile(path) }
    }

    // MARK: Sizes

    @Test func sizesOfReferenceVectorsAreComparedWithTheWeightsBeforeMemoryIsTaken() throws {
        #expect(Self.absurd.isSound)
        let folder = try ScratchFolder()
        try writeVectors(Self.absurd, folder)
        error(folder / "vectors") { _ = try ParityCheck(ParityFolder(folder / "vectors")).run() }
    }

    @Test func sizesThatNoModelHasAreRefused() throws {
        var architecture = Small.architecture
        architecture.stages[0].layers = 1 << 20
        let folder = try ScratchFolder()
        try writeVectors(architecture, folder)
        error(folder / "vectors/meta.json") { _ = try ParityFolder(folder / "vectors") }
    }

    /// The smallest image would be padded to a block of the coarsest stage.
    @Test func blocksThatAreWiderThanImagesAreRefused() {
        var architecture = Small.architecture
        architecture.stages = Array(repeating: architecture.stages[0], count: 8)
        #expect(architecture.alignment == 262_144 && !architecture.isSound)
        architecture.stages = Array(repeating: architecture.stages[0], count: 4)
        #expect(architecture.alignment == 1024 && architecture.isSound)
    }

    /// A folder of reference vectors without phases: the small model's weights, and the sizes of another one.
    private func writeVectors(_ stated: NVTCArchitecture, _ folder: ScratchFolder) throws {
        let stages = stated.stages
        var factor = 1
        let factors = stages.map { stage in
            factor *= stage.factor
            return factor
        }
        let meta = """
            {"config": {"lmbda": 64, "n_stage": \(stages.count), "n_layer": \(stages.map(\.layers)),
            "downscale_factor": \(factors), "vt_dim": \(stages.map(\.width)), "vt_nunit": \(stages.map(\.units)),
            "block_size": \(stages.map(\.block)), "cb_dim": \(stages.map(\.dimension)),
            "cb_size": \(stages.map(\.codewords)), "param_dim": \(stages.map(\.priorParameters)),
            "param_nlevel": \(stages.map(\.priorLevels))}, "phases": {}}
            """
        try folder.write(meta, to: "vectors/meta.json")
        let weights = ReferenceWeights.tensors(of: NVTCModel(Small.architecture, seed: 1))
        try SafeTensors.write(weights, to: folder / "vectors/weights.safetensors")
        let image = Tensor([Float](repeating: 0.5, count: 192), shape: [1, 3, 8, 8])
        try SafeTensors.write(["input.x": image], to: folder / "vectors/expected.safetensors")
    }
}
