import Neural
import Numerics

/// The encoder of a tile from the finest stage's features to its codewords: its own transforms, then the decoder's
/// layers with a search for codewords.
///
///     let encoder = LatentEncoder(model, height: 256, width: 768, rateWeight: 1 / lambda)
///     encoder.features                                        // to be filled first
///     encoder.coding.run(encoder.analysis)
///     for layer in encoder.coding.layers {
///         encoder.coding.run(layer.entropy)
///         encoder.coding.run(layer.quantization)              // then the layer's indices are there
///         encoder.coding.run(layer.transform)
///     }
///     encoder.layerBits                                       // what an entropy coder needs for them
final class LatentEncoder {
    /// The input: the features of the finest stage, rows x width in the order of the grid; filled by the caller.
    let features: Value
    /// The encoder's transforms, to be run first.
    let analysis: Range<Int>
    /// The layers, as the decoder has them.
    let coding: LatentCoding
    /// Of every layer: its bits.
    private let terms: [ProductQuantization.Terms]

    /// - Parameters:
    ///   - height, width: pixels of the tile, multiples of the architecture's alignment.
    ///   - rateWeight: what a bit counts for in squared distance, 1 / lambda; 0 chooses the nearest codewords.
    init(_ model: NVTCModel, height: Int, width: Int, rateWeight: Float) {
        let grids = model.alignedGrids(height: height, width: width)
        let tape = Tape(parameters: model.parameters, isTraining: false)
        features = tape.input(rows: grids[0].rows, columns: model.architecture.stages[0].width)
        let latents = model.analyze(features, from: .features, grids: grids, on: tape)
        analysis = 0..<tape.operations.count
        var all: [ProductQuantization.Terms] = []
        coding = LatentCoding(model, grids, on: tape) { at, layer, prediction, logits in
            let terms = ProductQuantization.Terms(
                unconditional: tape.term("unconditional-bits"), conditional: tape.term("conditional-bits"),
                distance: tape.term("distance"))
            let operation = layer.quantize(
                latents[at.stage][at.layer], prediction: prediction, logits: logits, terms: terms, on: tape)
            operation.rateWeight = rateWeight
            all.append(terms)
            return (operation.result, operation.indices)
        }
        terms = all
    }

    /// Bits that the entropy model charges for each layer's indices, in the order of decoding.
    var layerBits: [Double] {
        zip(coding.layers, terms).map { layer, terms in
            layer.logits == nil ? terms.unconditional.value : terms.conditional.value
        }
    }
}
