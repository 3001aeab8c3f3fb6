import Neural
import Numerics

/// One layer of the multi-stage product quantizer: predicts, quantizes what is left, transforms for the next layer.
///
///     let layer = QuantizationLayer(architecture, stage: 2, layer: 5, in: parameters)
///     let use = layer.quantize(latents, prediction: nil, logits: nil, terms: terms, on: tape)
///     let known = layer.reconstruct(use.result, prediction: nil, on: tape)
///     let next = layer.decode(known, grid: grid, on: tape)
///
/// Source: NVTC paper, section 4: r = Lin1(y - prediction), y^ = Lin2(r^) + prediction.
struct QuantizationLayer {
    let quantizer: ProductQuantization
    private let entropy: ConditionalEntropyModel
    private let projectionIn: Linear
    private let projectionOut: Linear
    private let units: [TransformUnit]

    init(_ architecture: NVTCArchitecture, stage: Int, layer: Int, in parameters: ParameterSet) {
        let sizes = architecture.stages[stage]
        let position = "\(stage).\(layer)"
        entropy = ConditionalEntropyModel(architecture, stage: stage, layer: layer, in: parameters)
        projectionIn = Linear(
            inputs: sizes.width, outputs: sizes.dimension, name: "projection_in.\(position)", in: parameters)
        quantizer = ProductQuantization(
            positions: sizes.block * sizes.block, codewords: sizes.codewords, dimension: sizes.dimension,
            name: "quantizer.\(position)", in: parameters)
        // Part of the published model's files; nothing here reads them.
        _ = parameters.add(
            "quantizer.\(position).entropy_model.param_table", shape: [sizes.priorLevels, sizes.priorParameters],
            initialization: .uniform(1))
        _ = parameters.add(
            "quantizer.\(position).entropy_model.logits", shape: [sizes.priorLevels], initialization: .constant(0))
        projectionOut = Linear(
            inputs: sizes.dimension, outputs: sizes.width, name: "projection_out.\(position)", in: parameters)
        units = (0..<sizes.units).map {
            TransformUnit(architecture, stage: stage, name: "vt_decoder.\(position).\($0)", in: parameters)
        }
    }

    /// What the conditional entropy model makes of a prediction: rows x codewords.
    func logits(_ prediction: Value, on tape: Tape) -> Value { entropy(prediction, on: tape) }

    /// The choice of codewords.
    /// - Parameters:
    ///   - latents: the encoder's vectors of this layer, rows x width.
    ///   - prediction: what the layers before have reconstructed; nil for the first layer, which has nothing to predict
    ///     from.
    ///   - logits: of the conditional entropy model; nil if the quantizer's own count.
    func quantize(
        _ latents: Value, prediction: Value?, logits: Value?, terms: ProductQuantization.Terms, on tape: Tape
    ) -> ProductQuantizationOperation {
        let difference = prediction.map { subtract(latents, $0, on: tape) } ?? latents
        return quantizer(projectionIn(difference, on: tape), conditionalLogits: logits, terms: terms, on: tape)
    }

    /// What is known once the codewords are: y^ = Lin2(r^) + prediction.
    func reconstruct(_ codewords: Value, prediction: Value?, on tape: Tape) -> Value {
        prediction.map { projectionOut(codewords, addedTo: $0, on: tape) } ?? projectionOut(codewords, on: tape)
    }

    /// The prediction that the next layer gets.
    func decode(_ reconstruction: Value, grid: PixelGrid, on tape: Tape) -> Value {
        units.reduce(reconstruction) { $1($0, grid: grid, on: tape) }
    }
}
