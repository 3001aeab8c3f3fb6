import Neural
import Numerics

/// The one walk over a model's layers: training, validation, encoder and decoder all record their operations through
/// it, so that a decoder computes what was trained.
///
///     let latents = model.analyze(input, from: .pixels, grids: grids, on: tape)
///     let output = model.synthesize(to: .pixels, grids: grids, on: tape) { at, layer, prediction in
///         codewords(latents[at.stage][at.layer], layer, prediction)
///     }
///
/// If the finest stage's scaling runs separately (`FinestScaling`), the walk begins and ends at its features.
extension NVTCModel {
    /// What a walk begins or ends with.
    enum Boundary {
        /// Of the image, in the form of `ImageBlocks`.
        case pixels
        /// Of the finest stage: rows x width in the order of its grid.
        case features
    }

    /// A quantization layer's position in the model; both numbers count from 0.
    struct Position {
        var stage: Int
        var layer: Int
        /// "2.0", as parameters' names have it.
        var name: String { "\(stage).\(layer)" }
    }

    /// The encoder's transforms: every layer's latents, by stage and layer, from the finest to the coarsest.
    /// - Parameter grids: of every stage (`NVTCModel.grids`).
    func analyze(_ input: Value, from begin: Boundary, grids: [PixelGrid], on tape: Tape) -> [[Value]] {
        var y = input
        return architecture.stages.indices.map { stage in
            if stage > 0 || begin == .pixels {
                y = downscaling[stage](y, from: stage == 0 ? nil : grids[stage - 1], to: grids[stage], on: tape)
            }
            return encoder[stage].map { units in
                y = units.reduce(y) { $1($0, grid: grids[stage], on: tape) }
                return y
            }
        }
    }

    /// The decoder: every layer refines the prediction, from the coarsest to the finest.
    /// - Parameters:
    ///   - codewords: records how a layer's codewords come about, from what the layers before predict: nil for the
    ///     first layer. Returns their values, rows x dimension; nil for a layer that passes on its prediction.
    ///   - layerEnded: called when everything of a layer is recorded, including the upscaling after a stage's last
    ///     layer.
    /// - Returns: pixels or features, as `end` says.
    func synthesize(
        to end: Boundary, grids: [PixelGrid], on tape: Tape,
        codewords: (_ at: Position, _ layer: QuantizationLayer, _ prediction: Value?) -> Value?,
        layerEnded: (_ at: Position) -> Void = { _ in }
    ) -> Value {
        var known: Value?
        for stage in architecture.stages.indices.reversed() {
            for layer in layers[stage].indices.reversed() {
                let (own, at) = (layers[stage][layer], Position(stage: stage, layer: layer))
                let reconstruction: Value
                if let chosen = codewords(at, own, known) {
                    reconstruction = own.reconstruct(chosen, prediction: known, on: tape)
                } else {
                    // Where nothing is known yet, the prediction is zero.
                    reconstruction =
                        known ?? tape.input(rows: grids[stage].rows, columns: architecture.stages[stage].width)
                }
                var next = own.decode(reconstruction, grid: grids[stage], on: tape)
                if layer == 0, stage > 0 || end == .pixels {
                    next = upscaling[stage](
                        next, from: grids[stage], to: stage == 0 ? nil : grids[stage - 1], on: tape)
                }
                known = next
                layerEnded(at)
            }
        }
        guard let known else { preconditionFailure("a model has at least one layer") }
        return known
    }
}
