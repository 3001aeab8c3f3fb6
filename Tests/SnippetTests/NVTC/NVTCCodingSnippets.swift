// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import Neural
import Numerics

@testable import NVTC

private func finestScalingExample(model: NVTCModel, image: Image) {
    let scaling = FinestScaling(model, height: 288, width: 768, direction: .down)
    scaling.read(image, top: 224, left: 0)
    scaling.run()
    scaling.features                                        // rows x width in the order of `scaling.grid`
}

private func latentCodingExample(model: NVTCModel) {
    let coding = LatentCoding(decoderOf: model, height: 256, width: 768)
    for layer in coding.layers {
        coding.run(layer.entropy)                           // then the layer's logits are there
        layer.indices[0] = 17                               // of every row
        coding.run(layer.quantization)
        coding.run(layer.transform)
    }
    coding.prediction                                       // the decoded features, rows x width
}

private func latentEncoderExample(model: NVTCModel, lambda: Float) {
    let encoder = LatentEncoder(model, height: 256, width: 768, rateWeight: 1 / lambda)
    encoder.features                                        // to be filled first
    encoder.coding.run(encoder.analysis)
    for layer in encoder.coding.layers {
        encoder.coding.run(layer.entropy)
        encoder.coding.run(layer.quantization)              // then the layer's indices are there
        encoder.coding.run(layer.transform)
    }
    encoder.layerBits                                       // what an entropy coder needs for them
}
