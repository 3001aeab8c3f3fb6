import Datasets
import Numerics

/// The form that images have in a model: a matrix with a row for each of the finest stage's pixels, in block order. A
/// row holds the image's pixels under that pixel (row, column, color).
///
///     let blocks = ImageBlocks(grid: grid, factor: 4)
///     blocks.read(image, top: 0, left: 0, height: 250, width: 250, into: input.data)      // the rest is 0
///     blocks.write(output.data, height: 250, width: 250, to: samples, width: 250, plane: 250 * 250)
struct ImageBlocks {
    let grid: PixelGrid
    /// Image pixels along the side of one of the finest stage's.
    let factor: Int

    /// Numbers of a row.
    var columns: Int { 3 * factor * factor }

    /// Copies a part of an image of three channels into the matrix, and sets what lies beyond the part to 0.
    /// - Parameters:
    ///   - top, left: the part's first pixel in the image.
    ///   - height, width: pixels of the part.
    ///   - isFlipped: whether columns run from right to left.
    func read(
        _ image: Image, top: Int, left: Int, height: Int, width: Int, isFlipped: Bool = false,
        into matrix: UnsafeMutablePointer<Float>
    ) {
        let plane = image.width * image.height
        image.samples.withUnsafeBufferPointer { samples in
            forEachPixel { offset, y, x in
                guard y < height, x < width else {
                    for color in 0..<3 { matrix[offset + color] = 0 }
                    return
                }
                let from = (top + y) * image.width + (isFlipped ? left + width - 1 - x : left + x)
                for color in 0..<3 { matrix[offset + color] = samples[color * plane + from] }
            }
        }
    }

    /// Copies pixels of the matrix to planes of samples.
    /// - Parameters:
    ///   - top, left: the first pixel that is copied.
    ///   - height, width: pixels that are copied.
    ///   - samples: memory of the first of them.
    ///   - imageWidth, plane: samples of a row and of a plane of the image.
    func write(
        _ matrix: UnsafePointer<Float>, top: Int = 0, left: Int = 0, height: Int, width: Int,
        to samples: UnsafeMutablePointer<Float>, width imageWidth: Int, plane: Int
    ) {
        forEachPixel { offset, y, x in
            let (row, column) = (y - top, x - left)
            guard row >= 0, row < height, column >= 0, column < width else { return }
            for color in 0..<3 { samples[color * plane + row * imageWidth + column] = matrix[offset + color] }
        }
    }

    /// Calls `body` for every pixel with its offset in the matrix and its row and column in the image.
    func forEachPixel(_ body: (_ offset: Int, _ y: Int, _ x: Int) -> Void) {
        for y in 0..<grid.height {
            for x in 0..<grid.width {
                let row = grid.row(y: y, x: x) * columns
                for subY in 0..<factor {
                    for subX in 0..<factor {
                        body(row + (subY * factor + subX) * 3, y * factor + subY, x * factor + subX)
                    }
                }
            }
        }
    }
}
