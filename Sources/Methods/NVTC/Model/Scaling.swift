import Neural
import Numerics

/// From one stage's resolution to the next coarser one's: pixels are gathered into channels, then mixed.
///
///     let scaling = Downscaling(architecture, stage: 0, in: parameters)
///     let y = scaling(x, from: fine, to: coarse, on: tape)    // coarse rows x width
///
/// The finest stage adds 3x3 residual blocks, with one more skip around them.
///
/// Source: NVTC paper, Fig. 4.
struct Downscaling {
    private let factor: Int
    private let mixing: Linear
    private let blocks: [ConvolutionalResidualBlock]

    init(_ architecture: NVTCArchitecture, stage: Int, in parameters: ParameterSet) {
        let sizes = architecture.stages[stage]
        factor = sizes.factor
        let channels = stage == 0 ? 3 : architecture.stages[stage - 1].width
        mixing = Linear(
            inputs: channels * factor * factor, outputs: sizes.width, name: "downscaling.\(stage).1", in: parameters)
        blocks = convolutions(architecture, stage: stage, name: "downscaling.0.2", in: parameters)
    }

    /// - Parameter x: the finer map; for stage 0 the image, gathered already.
    func callAsFunction(_ x: Value, from fine: PixelGrid?, to coarse: PixelGrid, on tape: Tape) -> Value {
        let gathered = fine.map { pixelUnshuffle(x, from: $0, to: coarse, on: tape) } ?? x
        return withSkip(blocks, mixing(gathered, on: tape), coarse, tape)
    }
}

/// From one stage's resolution to the next finer one's: the mirror image of `Downscaling`.
///
///     let y = Upscaling(architecture, stage: 1, in: parameters)(x, from: coarse, to: fine, on: tape)
struct Upscaling {
    private let mixing: Linear
    private let blocks: [ConvolutionalResidualBlock]

    init(_ architecture: NVTCArchitecture, stage: Int, in parameters: ParameterSet) {
        let sizes = architecture.stages[stage]
        let channels = stage == 0 ? 3 : architecture.stages[stage - 1].width
        blocks = convolutions(architecture, stage: stage, name: "upscaling.0.0", in: parameters)
        mixing = Linear(
            inputs: sizes.width, outputs: channels * sizes.factor * sizes.factor, name: "upscaling.\(stage).1",
            in: parameters)
    }

    /// - Parameter fine: nil leaves the pixels gathered in channels, as `ImageTensor` holds images.
    func callAsFunction(_ x: Value, from coarse: PixelGrid, to fine: PixelGrid?, on tape: Tape) -> Value {
        let mixed = mixing(withSkip(blocks, x, coarse, tape), on: tape)
        return fine.map { pixelShuffle(mixed, from: coarse, to: $0, on: tape) } ?? mixed
    }
}

private func convolutions(
    _ architecture: NVTCArchitecture, stage: Int, name: String, in parameters: ParameterSet
) -> [ConvolutionalResidualBlock] {
    guard stage == 0 else { return [] }
    return (0..<architecture.scalingBlocks).map {
        ConvolutionalResidualBlock(
            width: architecture.stages[0].width, name: "\(name).m.\($0)", first: "m.0", second: "m.2", in: parameters)
    }
}

private func withSkip(
    _ blocks: [ConvolutionalResidualBlock], _ x: Value, _ grid: PixelGrid, _ tape: Tape
) -> Value {
    guard !blocks.isEmpty else { return x }
    var y = x
    for block in blocks { y = block(y, grid: grid, on: tape) }
    return add(x, y, on: tape)
}
