/// The 3 x 3 convolution of feature maps with stride 1 and zero padding, by Winograd's minimal filtering F(4 x 4, 3 x 3).
///
///     let layer = WinogradConvolution(grid: grid, inputs: 192, outputs: 192)
///     layer.transform(weights, into: points)                  // once for each change of the weights
///     layer.forward(x, points: points, scratch: memory, bias: bias, output: .plain(y))
///
/// A map is a matrix with a row for each pixel, in the order of its grid, and a column for each channel; several images
/// follow one another. Weights are tap row x tap column x inputs x outputs. A tile of 4 x 4 outputs takes 36 products of
/// a channel pair instead of 144; between the transforms, which work on registers of channels, they are 36 matrix
/// products of tiles x inputs times inputs x outputs. Any height, width and number of channels will do.
///
/// oneDNN has such a primitive for AVX-512 alone. The floor is that of the products: at 64 x 64 and 192 channels
/// 0.68 GFLOP, a quarter of the direct convolution's, and 10 MB of transforms that mostly stay in the last cache.
public struct WinogradConvolution: Sendable {
    /// Size of a map, and the order of its pixels.
    public let grid: PixelGrid
    /// Maps that follow one another in the rows of the matrices.
    public let images: Int
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the output.
    public let outputs: Int
    let tiles: ConvolutionTiles
    /// Zeros and somewhere to write, for pixels outside the map.
    let outside: AlignedBuffer<Float>

    /// - Parameters:
    ///   - images: maps that follow one another in the rows of the matrices, at least 1.
    ///   - inputs: channels of the input, at least 1.
    ///   - outputs: channels of the output, at least 1.
    public init(grid: PixelGrid, images: Int = 1, inputs: Int, outputs: Int) {
        precondition(images > 0 && inputs > 0 && outputs > 0)
        self.grid = grid
        self.images = images
        self.inputs = inputs
        self.outputs = outputs
        tiles = ConvolutionTiles(grid: grid, images: images)
        outside = AlignedBuffer(count: max(inputs, outputs))
    }

    /// The rows of inputs and outputs.
    public var rows: Int { tiles.mapRows }
    /// Floats of weights and of their gradient.
    public var weightCount: Int { 9 * inputs * outputs }

    // MARK: Memory

    /// Floats between two of 36 matrices: one cache line more than they need, so that they do not share
    /// the same sets of the cache.
    static func stride(_ count: Int) -> Int { (count + 15) / 16 * 16 + 16 }
    var weightStride: Int { Self.stride(inputs * outputs) }
    var inputStride: Int { Self.stride(tiles.chunk * inputs) }
    var outputStride: Int { Self.stride(tiles.chunk * outputs) }

    /// Floats of the weights at the points.
    public var pointCount: Int { MinimalFiltering.products * weightStride }
    /// Floats of the transforms of a chunk's inputs.
    var chunkInputCount: Int { MinimalFiltering.products * inputStride }
    /// Floats that `forward` needs to work in: the transforms of a chunk's inputs, and its products.
    public var forwardCount: Int { chunkInputCount + MinimalFiltering.products * outputStride }

    // MARK: Weights

    /// Transforms the weights for `forward`: points = G w G^T of every pair of channels.
    /// - Parameters:
    ///   - weights: `weightCount` floats.
    ///   - points: `pointCount` floats.
    public func transform(_ weights: UnsafePointer<Float>, into points: UnsafeMutablePointer<Float>) {
        transformWeights(weights, count: inputs * outputs, stride: weightStride, into: points)
    }

    // MARK: Forward

    /// What the convolution with its bias becomes; maps are rows x outputs.
    public enum Output {
        /// It is the output.
        case plain(UnsafeMutablePointer<Float>)
        /// The output is its sum with another map of the same shape (which may be the output).
        case sum(with: UnsafePointer<Float>, UnsafeMutablePointer<Float>)
        /// The output is GELU of it; GELU' is kept for the backward pass.
        case gelu(UnsafeMutablePointer<Float>, derivative: UnsafeMutablePointer<Float>)
    }

    /// Computes the convolution of `input`.
    /// - Parameters:
    ///   - input: rows x inputs.
    ///   - points: the transformed weights.
    ///   - scratch: `forwardCount` floats.
    ///   - bias: a number for each output channel.
    ///   - output: where it goes, and what is done with it.
    ///   - arithmetic: how the matrix products are computed.
    public func forward(
        _ input: UnsafePointer<Float>, points: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>, output: Output,
        arithmetic: Arithmetic = .fast
    ) {
        let (transformed, products) = (scratch, scratch + chunkInputCount)
        for chunk in 0..<tiles.chunks {
            let range = tiles.tiles(ofChunk: chunk)
            transformInput(input, tiles: range, into: transformed)
            for point in 0..<MinimalFiltering.products {
                gemm(
                    rows: range.count, columns: outputs, inner: inputs, a: transformed + point * inputStride,
                    b: points + point * weightStride, c: products + point * outputStride,
                    arithmetic: arithmetic)
            }
            switch output {
            case .plain(let output):
                transformOutput(products, tiles: range, bias: bias, finish: PlainOutput(output: output))
            case .sum(let other, let output):
                transformOutput(products, tiles: range, bias: bias, finish: SumOutput(other: other, output: output))
            case .gelu(let output, let derivative):
                transformOutput(
                    products, tiles: range, bias: bias, finish: GELUOutput(output: output, derivative: derivative))
            }
        }
    }
}
