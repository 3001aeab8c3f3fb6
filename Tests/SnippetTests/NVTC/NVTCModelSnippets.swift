// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import Neural
import Numerics

@testable import NVTC

private func conditionalEntropyModelExample(
    architecture: NVTCArchitecture, parameters: ParameterSet, prediction: Value, tape: Tape
) {
    let logits = ConditionalEntropyModel(architecture, stage: 0, layer: 1, in: parameters)(prediction, on: tape)
    // rows x codewords
}

private func imageBlocksExample(
    grid: PixelGrid, image: Image, input: Value, output: Value, samples: UnsafeMutablePointer<Float>
) {
    let blocks = ImageBlocks(grid: grid, factor: 4)
    blocks.read(image, top: 0, left: 0, height: 250, width: 250, into: input.data)      // the rest is 0
    blocks.write(output.data, height: 250, width: 250, to: samples, width: 250, plane: 250 * 250)
}

private func architectureExample() {
    let paper = NVTCArchitecture.paper
    paper.stages[0].codewords                               // 128
    paper.alignment                                         // 64: images are padded to multiples of it
}

private func graphExample(
    model: NVTCModel, input: Value, grids: [PixelGrid], tape: Tape,
    codewords: (_ latents: Value, _ layer: QuantizationLayer, _ prediction: Value?) -> Value?
) {
    let latents = model.analyze(input, from: .pixels, grids: grids, on: tape)
    let output = model.synthesize(to: .pixels, grids: grids, on: tape) { at, layer, prediction in
        codewords(latents[at.stage][at.layer], layer, prediction)
    }
}

private func modelExample() {
    let model = NVTCModel(.paper, seed: 1)
    model.parameters.learned                                // 12,820,368
    let pass = NVTCPass(model, height: 256, width: 256, phase: .full(.paper))
}

private func phaseExample() {
    NVTCPhase.full(.paper)
    NVTCPhase(.paper, quantized: [false, false, true], rateConstrained: false, conditional: false)
}

private func modelFileExample(model: NVTCModel) throws {
    try NVTCModelFile.write(model, lambda: 256, steps: 20_000, isRateConstrained: true, to: "model.safetensors")
    let file = try NVTCModelFile("model.safetensors")
    let model = try file.model()                            // of the sizes that the file states
    file.fingerprint                                        // coded images name their model by it
    // Python: safetensors.torch.load_file("model.safetensors")
}

private func passExample(model: NVTCModel, image: Image) {
    let pass = NVTCPass(model, height: 256, width: 256, phase: .full(model.architecture))
    pass.setObjective(lambda: 256, images: 8)
    pass.set(image)
    pass.tape.forward()
    pass.layers[0].operation.terms.unconditional.value      // bits of the layer that is decoded first
}

private func quantizationLayerExample(
    architecture: NVTCArchitecture, parameters: ParameterSet, latents: Value, terms: ProductQuantization.Terms,
    grid: PixelGrid, tape: Tape
) {
    let layer = QuantizationLayer(architecture, stage: 2, layer: 5, in: parameters)
    let use = layer.quantize(latents, prediction: nil, logits: nil, terms: terms, on: tape)
    let known = layer.reconstruct(use.result, prediction: nil, on: tape)
    let next = layer.decode(known, grid: grid, on: tape)
}

private func downscalingExample(
    architecture: NVTCArchitecture, parameters: ParameterSet, x: Value, fine: PixelGrid, coarse: PixelGrid, tape: Tape
) {
    let scaling = Downscaling(architecture, stage: 0, in: parameters)
    let y = scaling(x, from: fine, to: coarse, on: tape)    // coarse rows x width
}

private func upscalingExample(
    architecture: NVTCArchitecture, parameters: ParameterSet, x: Value, coarse: PixelGrid, fine: PixelGrid, tape: Tape
) {
    let y = Upscaling(architecture, stage: 1, in: parameters)(x, from: coarse, to: fine, on: tape)
}

private func vectorTransformUnitExample(parameters: ParameterSet, x: Value, tape: Tape) {
    let unit = VectorTransformUnit(width: 192, block: 4, name: "vt_encoder.0.0.0", in: parameters)
    let y = unit(x, on: tape)                               // the shape of x
}
