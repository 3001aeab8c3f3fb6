// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Codec
import Core
import Datasets
import Numerics

@testable import NVTC

private func modelShelfExample(file: CodedFile) throws {
    let shelf = try ModelShelf(["runs/nvtc"])
    try shelf.model(lambda: 256)                            // to encode with
    try shelf.model(fingerprint: file.fingerprint, for: "kodim01.lloyd")    // to decode with
}

private func tileCoderExample(model: NVTCModel, lambda: Float, image: Image, plan: TilePlan) throws {
    let coder = TileCoder(model, rateWeight: 1 / lambda, halo: FinestScaling.halo(model.architecture))
    let coded = try coder.encode(image, tile: plan.tiles[0], plan: plan)
    let features = try coder.decode(coded.bytes, tile: plan.tiles[0])
}

private func tilePlanExample() {
    let plan = TilePlan(height: 512, width: 768, alignment: 64)
    plan.tiles.count                                        // 2: 256 x 768 each
    plan.tiles[1].top                                       // 256
}

private func codecExample() throws {
    let codec = try VectorTransformCodec(NVTCModelFile("models/nvtc-256.safetensors"), threads: 2)
    let coded = try codec.encode(Image(path: "kodim01.png"))
    try OutputFile.write(coded.file.data, to: "kodim01.lloyd")
    let file = try CodedFile(path: "kodim01.lloyd", kinds: [.vectorTransform])
    let decoded = try codec.decode(file, name: "kodim01.lloyd")
}
