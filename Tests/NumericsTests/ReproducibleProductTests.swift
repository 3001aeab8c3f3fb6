import Foundation
import Numerics
import Testing

@Suite struct ReproducibleProductTests {
    /// Bit by bit as defined: one fused multiply-add after the other.
    @Test(arguments: [(1, 1, 1), (6, 16, 5), (7, 17, 3), (13, 33, 40), (100, 9, 192), (301, 70, 300)], [false, true])
    func itIsWhatItsDefinitionSays(shape: (rows: Int, columns: Int, inner: Int), accumulate: Bool) {
        let (rows, columns, inner) = shape
        func value(_ index: Int, _ salt: Int) -> Float { Float((index * 7919 + salt * 104_729) % 2001 - 1000) / 333 }
        let a = (0..<rows * inner).map { value($0, 1) }
        let b = (0..<inner * columns).map { value($0, 2) }
        let start = (0..<rows * columns).map { value($0, 3) }
        var wanted = start
        for row in 0..<rows {
            for column in 0..<columns {
                var sum: Float = accumulate ? start[row * columns + column] : 0
                for index in 0..<inner { sum = fmaf(a[row * inner + index], b[index * columns + column], sum) }
                wanted[row * columns + column] = sum
            }
        }
        let transposed = (0..<inner * columns).map { b[$0 % inner * columns + $0 / inner] }
        for isTransposed in [false, true] {
            var found = start
            gemm(
                rows: rows, columns: columns, inner: inner, a: a, b: isTransposed ? transposed : b,
                transposeB: isTransposed, beta: accumulate ? 1 : 0, c: &found, arithmetic: .reproducible)
            #expect(found == wanted, "\(shape), transposed \(isTransposed)")
        }
    }
}
