import Datasets
import Numerics

/// The form that images have in a model: a row for each of the finest stage's pixels in block order, in it the image's
/// pixels under that pixel (row, column, colour).
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

    /// Copies a part of an image of three channels in, and sets what lies beyond it to 0.
    /// - Parameters:
    ///   - top, left: where the part begins in the image.
    ///   - isFlipped: whether columns run from right to left.
    func read(
        _ image: Image, top: Int, left: Int, height: Int, width: Int, isFlipped: Bool = false,
        into matrix: UnsafeMutablePointer<Float>
    ) {
        let plane = image.width * image.height
        image.samples.withUnsafeBufferPointer { samples in
            forEachPixel { place, y, x in
                guard y < height, x < width else {
                    for colour in 0..<3 { matrix[place + colour] = 0 }
                    return
                }
                let from = (top + y) * image.width + (isFlipped ? left + width - 1 - x : left + x)
                for colour in 0..<3 { matrix[place + colour] = samples[colour * plane + from] }
            }
        }
    }

    /// Copies the first rows and columns of pixels out, to planes of samples.
    /// - Parameters:
    ///   - samples: where the first pixel goes.
    ///   - imageWidth: samples of a row of the image; plane: samples of a plane.
    func write(
        _ matrix: UnsafePointer<Float>, top: Int = 0, left: Int = 0, height: Int, width: Int,
        to samples: UnsafeMutablePointer<Float>, width imageWidth: Int, plane: Int
    ) {
        forEachPixel { place, y, x in
            let (row, column) = (y - top, x - left)
            guard row >= 0, row < height, column >= 0, column < width else { return }
            for colour in 0..<3 { samples[colour * plane + row * imageWidth + column] = matrix[place + colour] }
        }
    }

    /// Every pixel's place in the matrix, and where it lies in the image.
    func forEachPixel(_ body: (_ place: Int, _ y: Int, _ x: Int) -> Void) {
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
