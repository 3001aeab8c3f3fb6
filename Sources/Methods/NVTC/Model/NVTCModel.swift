import Neural
import Numerics

/// The layers and parameters of an NVTC model: scaling and vector transforms of encoder and decoder, and between them
/// the quantization layers from the coarsest to the finest.
///
///     let model = NVTCModel(.paper, seed: 1)
///     model.parameters.learned                                // 12,820,368
///     let pass = NVTCPass(model, height: 256, width: 256, phase: .full(.paper))
///
/// Parameters carry the names of the published implementation; see `ReferenceWeights` for how it lays them out.
///
/// Source: NVTC paper, section 4, Figs. 3 and 4.
package final class NVTCModel {
    /// Its sizes.
    package let architecture: NVTCArchitecture
    /// All that is learned, in the order of the forward pass.
    package let parameters = ParameterSet()
    /// By stage.
    let downscaling: [Downscaling]
    /// Units of the encoder, by stage and layer.
    let encoder: [[[TransformUnit]]]
    /// By stage and layer.
    let layers: [[QuantizationLayer]]
    /// By stage.
    let upscaling: [Upscaling]

    /// A model of random weights, which follow from the seed: the same on every rank.
    package convenience init(_ architecture: NVTCArchitecture, seed: UInt64) {
        self.init(withoutValues: architecture)
        parameters.initialize(seed: seed)
    }

    /// The layers alone: they say what the model takes, before memory is asked for.
    init(withoutValues architecture: NVTCArchitecture) {
        self.architecture = architecture
        let parameters = parameters
        var downscaling: [Downscaling] = []
        var encoder: [[[TransformUnit]]] = []
        for (stage, sizes) in architecture.stages.enumerated() {
            downscaling.append(Downscaling(architecture, stage: stage, in: parameters))
            encoder.append(
                (0..<sizes.layers).map { layer in
                    (0..<sizes.units).map { unit in
                        TransformUnit(
                            architecture, stage: stage, name: "vt_encoder.\(stage).\(layer).\(unit)", in: parameters)
                    }
                })
        }
        // Parameters lie in the order of the forward pass, which decodes from the coarsest stage to the finest.
        var layers: [[QuantizationLayer]] = []
        var upscaling: [Upscaling] = []
        for (stage, sizes) in architecture.stages.enumerated().reversed() {
            let decoded = (0..<sizes.layers).reversed().map {
                QuantizationLayer(architecture, stage: stage, layer: $0, in: parameters)
            }
            layers.insert(decoded.reversed(), at: 0)
            upscaling.insert(Upscaling(architecture, stage: stage, in: parameters), at: 0)
        }
        self.downscaling = downscaling
        self.encoder = encoder
        self.layers = layers
        self.upscaling = upscaling
    }

    /// The pixel grid of each stage for an image of this size, which must be aligned.
    func grids(height: Int, width: Int) -> [PixelGrid] {
        var factor = 1
        return architecture.stages.map { stage in
            factor *= stage.factor
            return PixelGrid(height: height / factor, width: width / factor, block: stage.block)
        }
    }
}

/// What is switched on while a model trains.
///
///     NVTCPhase.full(.paper)
///     NVTCPhase(.paper, quantized: [false, false, true], rateConstrained: false, conditional: false)
package struct NVTCPhase: Sendable, Equatable {
    /// By stage and layer: whether it quantizes, or passes on its prediction alone.
    package var quantized: [[Bool]]
    /// Whether codewords are chosen with their rate.
    package var rateConstrained: Bool
    /// Whether the conditional entropy model is on.
    package var conditional: Bool

    /// - Parameter quantized: by stage and layer.
    package init(quantized: [[Bool]], rateConstrained: Bool, conditional: Bool) {
        self.quantized = quantized
        self.rateConstrained = rateConstrained
        self.conditional = conditional
    }

    /// - Parameter quantized: by stage, for all its layers.
    package init(_ architecture: NVTCArchitecture, quantized: [Bool], rateConstrained: Bool, conditional: Bool) {
        self.init(
            quantized: zip(architecture.stages, quantized).map { Array(repeating: $1, count: $0.layers) },
            rateConstrained: rateConstrained, conditional: conditional)
    }

    /// Everything on, as in the last phase of training.
    package static func full(_ architecture: NVTCArchitecture) -> NVTCPhase {
        NVTCPhase(
            architecture, quantized: architecture.stages.map { _ in true }, rateConstrained: true, conditional: true)
    }
}
