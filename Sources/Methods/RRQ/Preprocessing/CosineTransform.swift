import Foundation
import Numerics

/// The orthonormal two-dimensional discrete cosine transform (type II) of whole images.
///
///     let transform = CosineTransform(width: 168, height: 192)
///     transform.forward(pixels, into: coefficients, scratch: scratch)
///     transform.inverse(coefficients, into: pixels, scratch: scratch)
///
/// Source: step one of Fig. 2 of the RRQ paper, "global 2D-DCT". Computed as two matrix products, Y = C_h X C_w^T:
/// 2 w h (w + h) operations an image, 23 MFLOP for a 168 x 192 face.
struct CosineTransform: Sendable {
    /// Of the images, in pixels.
    let width: Int
    let height: Int
    let rowBasis: Matrix
    let columnBasis: Matrix

    /// Computes the bases: `basisCount` numbers.
    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        rowBasis = Self.basis(width)
        columnBasis = Self.basis(height)
    }

    /// Floats of both bases.
    static func basisCount(width: Int, height: Int) -> Int { width * width + height * height }

    /// Whether the bases take no more than 64 MB, or no more than 64 images do. Those of long strips take far more: of
    /// 16384 x 1 pixels 1 GB.
    static func isProportionate(width: Int, height: Int) -> Bool {
        basisCount(width: width, height: height) <= max(1 << 24, 64 * width * height)
    }

    /// Floats of scratch memory that a transform needs.
    var scratchCount: Int { width * height }

    /// Row-major pixels to row-major coefficients; coefficient (0, 0) is the mean times sqrt(w h).
    func forward(
        _ pixels: UnsafePointer<Float>, into coefficients: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        gemm(
            rows: height, columns: width, inner: width, a: pixels, b: rowBasis.pointer, transposeB: true, c: scratch)
        gemm(rows: height, columns: width, inner: height, a: columnBasis.pointer, b: scratch, c: coefficients)
    }

    /// Row-major coefficients to row-major pixels.
    func inverse(
        _ coefficients: UnsafePointer<Float>, into pixels: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        gemm(
            rows: height, columns: width, inner: height, a: columnBasis.pointer, transposeA: true, b: coefficients,
            c: scratch)
        gemm(rows: height, columns: width, inner: width, a: scratch, b: rowBasis.pointer, c: pixels)
    }

    /// Row k is sqrt(2 / n) cos(pi (2 i + 1) k / 2n), row 0 divided by sqrt 2.
    static func basis(_ count: Int) -> Matrix {
        let matrix = Matrix(rows: count, columns: count)
        for frequency in 0..<count {
            let scale = ((frequency == 0 ? 1 : 2) / Double(count)).squareRoot()
            for sample in 0..<count {
                // The angle is reduced in whole numbers first, so that high frequencies stay exact.
                let angle = (2 * sample + 1) * frequency % (4 * count)
                matrix[frequency, sample] = Float(scale * cos(Double.pi * Double(angle) / Double(2 * count)))
            }
        }
        return matrix
    }
}
