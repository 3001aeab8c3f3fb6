import Datasets
import Neural
import Numerics

/// The finest stage's down- or upscaling of a part of an image. In a model of vector transform units, no other layers
/// look beyond blocks.
///
///     let scaling = FinestScaling(model, height: 288, width: 768, direction: .down)
///     scaling.read(image, top: 224, left: 0)
///     scaling.run()
///     scaling.features                                        // rows x width in the order of `scaling.grid`
///
/// A part that is extended by `halo` on the sides on which the image continues gives, inside, what the whole image
/// gives; from features to pixels the same bits, with reproducible arithmetic.
final class FinestScaling {
    enum Direction: Sendable {
        /// From pixels to features.
        case down
        /// From features to pixels.
        case up
    }

    let grid: PixelGrid
    /// The result of scaling down, or the input of scaling up: rows x width of the finest stage.
    let features: Value
    private let pixels: Value
    private let blocks: ImageBlocks
    private let tape: Tape

    /// Pixels of the image along the side of one of the finest stage's blocks: sizes are multiples of it.
    static func unit(_ architecture: NVTCArchitecture) -> Int {
        architecture.stages[0].factor * architecture.stages[0].block
    }

    /// Pixels of the image beside an inner edge that come out wrong: two for each residual block at the finest stage,
    /// in whole blocks.
    static func halo(_ architecture: NVTCArchitecture) -> Int {
        aligned(2 * architecture.scalingBlocks * architecture.stages[0].factor, unit(architecture))
    }

    /// - Parameters:
    ///   - height, width: pixels, multiples of `unit`.
    init(_ model: NVTCModel, height: Int, width: Int, direction: Direction) {
        let finest = model.architecture.stages[0]
        grid = PixelGrid(height: height / finest.factor, width: width / finest.factor, block: finest.block)
        blocks = ImageBlocks(grid: grid, factor: finest.factor)
        tape = Tape(parameters: model.parameters, isTraining: false)
        // A decoder has nothing to follow before the codewords are chosen.
        tape.arithmetic = direction == .down ? .fast : .reproducible
        switch direction {
        case .down:
            pixels = tape.input(rows: grid.rows, columns: blocks.columns)
            features = model.downscaling[0](pixels, from: nil, to: grid, on: tape)
            tape.pin(features)
        case .up:
            features = tape.input(rows: grid.rows, columns: finest.width)
            pixels = model.upscaling[0](features, from: grid, to: nil, on: tape)
            tape.pin(pixels)
        }
        tape.prepare()
    }

    /// Copies in the part of an image of three channels that begins at (top, left); zeros beyond the image.
    func read(_ image: Image, top: Int, left: Int) {
        blocks.read(
            image, top: top, left: left, height: max(0, image.height - top), width: max(0, image.width - left),
            into: pixels.data)
    }

    /// Copies pixels out, from (top, left) of this part on, to planes of samples.
    /// - Parameters:
    ///   - samples: memory of the first of them.
    ///   - imageWidth, plane: samples of a row and of a plane of the image.
    func write(
        top: Int, left: Int, height: Int, width: Int, to samples: UnsafeMutablePointer<Float>, imageWidth: Int,
        plane: Int
    ) {
        blocks.write(
            pixels.data, top: top, left: left, height: height, width: width, to: samples, width: imageWidth,
            plane: plane)
    }

    /// Copies the features from (top, left) pixels of this part on, block by block, to those of a tile.
    func copyFeatures(top: Int, left: Int, to target: Value, of tile: PixelGrid) {
        let (block, factor) = (grid.block, blocks.factor)
        let size = grid.blockRows * features.columns
        let across = tile.width / block
        for index in 0..<tile.blocks {
            let (y, x) = (index / across * block + top / factor, index % across * block + left / factor)
            (target.data + index * size).update(
                from: features.data + grid.row(y: y, x: x) * features.columns, count: size)
        }
    }

    /// Fills the features block by block.
    /// - Parameters:
    ///   - unit: pixels along a block's side.
    ///   - source: for the first pixel of a block of this part: features of a tile in block order, the tile's width in
    ///     pixels, and the pixel's row and column in the tile.
    func fillFeatures(
        unit: Int,
        from source: (_ y: Int, _ x: Int) -> (features: UnsafePointer<Float>, width: Int, y: Int, x: Int)
    ) {
        let size = grid.blockRows * features.columns
        let across = grid.width / grid.block
        for index in 0..<grid.blocks {
            let (tile, width, y, x) = source(index / across * unit, index % across * unit)
            (features.data + index * size).update(
                from: tile + (y / unit * (width / unit) + x / unit) * size, count: size)
        }
    }

    /// Computes features from pixels, or pixels from features.
    func run() { tape.forward() }
}
