import Neural
import Numerics

/// A vector transform unit: fully connected layers along the channels of each vector, then along the positions of each
/// block, both with a skip.
///
///     let unit = VectorTransformUnit(width: 192, block: 4, name: "vt_encoder.0.0.0", in: parameters)
///     let y = unit(x, on: tape)                               // the shape of x
///
/// Source: NVTC paper, section 4.1 and Fig. 4.
struct VectorTransformUnit {
    /// How large the parts beside the skips start, relative to the usual: dozens of units follow one another, and
    /// without it the signal grows a thousandfold from the image to the reconstruction.
    private static let gain: Float = 0.1
    /// Channels to half as many and back, with a GELU between.
    private let intra: ResidualBlock
    /// A fully connected layer over a block's positions for each channel: a block transform that is learned.
    private let inter: BlockLinear

    init(width: Int, block: Int, name: String, in parameters: ParameterSet) {
        intra = ResidualBlock(
            width: width, hidden: max(1, width / 2), residualGain: Self.gain, name: name + ".intra_transform",
            first: "fc1", second: "fc2",
            in: parameters)
        inter = BlockLinear(
            block: block, channels: width, gain: Self.gain, name: name + ".inter_transform", in: parameters)
    }

    func callAsFunction(_ x: Value, on tape: Tape) -> Value { inter(intra(x, on: tape), on: tape) }
}

/// One unit of a layer, of the kind that the architecture asks for.
enum TransformUnit {
    case vector(VectorTransformUnit)
    case convolution(ConvolutionalResidualBlock)

    init(_ architecture: NVTCArchitecture, stage: Int, name: String, in parameters: ParameterSet) {
        let sizes = architecture.stages[stage]
        switch architecture.transform {
        case .vector:
            self = .vector(
                VectorTransformUnit(width: sizes.width, block: sizes.block, name: name, in: parameters))
        case .convolution:
            self = .convolution(
                ConvolutionalResidualBlock(
                    width: sizes.width, name: name, first: "m.0", second: "m.2", in: parameters))
        }
    }

    func callAsFunction(_ x: Value, grid: PixelGrid, on tape: Tape) -> Value {
        switch self {
        case .vector(let unit): unit(x, on: tape)
        case .convolution(let block): block(x, grid: grid, on: tape)
        }
    }
}
