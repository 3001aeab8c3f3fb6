import Neural
import Numerics

/// The layers and parameters of an NVTC model: scaling and vector transforms of encoder and decoder, and between them the
/// quantization layers from the coarsest to the finest.
///
///     let model = NVTCModel(.paper, seed: 1)
///     model.parameters.learned                                // 12,820,368
///     let pass = NVTCPass(model, height: 256, width: 256, phase: .full)   // one for each thread
///
/// Parameters carry the names of the published implementation; see `ReferenceWeights` for how it lays them out.
///
/// Source: NVTC paper, section 4, Figs. 3 and 4.
public final class NVTCModel {
    public let architecture: NVTCArchitecture
    public let parameters = ParameterSet()
    let downscaling: [Downscaling]
    /// Units of the encoder, by stage and layer.
    let encoder: [[[TransformUnit]]]
    /// By stage and layer.
    let layers: [[QuantizationLayer]]
    let upscaling: [Upscaling]

    public convenience init(_ architecture: NVTCArchitecture, seed: UInt64) {
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
///     NVTCPhase.full(stages: 3)
///     NVTCPhase(quantized: [false, false, true], rateConstrained: false, conditional: false)
public struct NVTCPhase: Sendable, Equatable {
    /// By stage: whether its layers quantize, or pass on their prediction alone. By layer within the stage.
    public var quantized: [[Bool]]
    /// Whether codewords are chosen with their rate.
    public var rateConstrained: Bool
    /// Whether the conditional entropy model is on.
    public var conditional: Bool

    public init(quantized: [[Bool]], rateConstrained: Bool, conditional: Bool) {
        self.quantized = quantized
        self.rateConstrained = rateConstrained
        self.conditional = conditional
    }

    /// Whole stages at a time.
    public init(_ architecture: NVTCArchitecture, quantized: [Bool], rateConstrained: Bool, conditional: Bool) {
        self.init(
            quantized: zip(architecture.stages, quantized).map { Array(repeating: $1, count: $0.layers) },
            rateConstrained: rateConstrained, conditional: conditional)
    }

    /// Everything on.
    public static func full(_ architecture: NVTCArchitecture) -> NVTCPhase {
        NVTCPhase(
            architecture, quantized: architecture.stages.map { _ in true }, rateConstrained: true, conditional: true)
    }
}
