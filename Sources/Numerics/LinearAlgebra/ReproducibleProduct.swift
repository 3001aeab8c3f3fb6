import Foundation

/// The matrix product whose bits do not depend on the machine: see `Arithmetic.reproducible`.
///
/// ```text
/// c[i, j] = fma(a[i, n - 1], b[n - 1, j], ... fma(a[i, 0], b[0, j], c0) ...)     // c0 is 0, or what was in C
/// ```
///
/// Twelve registers hold 6 rows by 2 registers of columns of C over the whole inner dimension: 12 fused multiply-adds for 2
/// loads and 6 broadcasts. B is packed into panels of two registers, which stay in the first cache; a band of A's rows stays
/// in the second while all panels pass.
enum ReproducibleProduct {
    /// Rows of C in registers.
    private static let tileRows = 6
    /// Floats of A that stay in the second cache.
    private static let bandSize = 32 << 10
    private static var panelWidth: Int { 2 * Lanes.scalarCount }

    static func multiply(
        rows: Int, columns: Int, inner: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>,
        transposeB: Bool, bStride: Int, accumulate: Bool, c: UnsafeMutablePointer<Float>, cStride: Int
    ) {
        let width = panelWidth
        let panels = (columns + width - 1) / width
        withPanels(panels * inner * width) { packed in
            pack(b, transposed: transposeB, stride: bStride, inner: inner, columns: columns, into: packed)
            let band = max(tileRows, bandSize / max(inner, 1) / tileRows * tileRows)
            for first in stride(from: 0, to: rows, by: band) {
                let end = min(first + band, rows)
                for panel in 0..<panels {
                    let column = panel * width
                    let count = min(width, columns - column)
                    var row = first
                    while row < end {
                        tile(
                            a + row &* aStride, aStride: aStride, rows: min(tileRows, end &- row),
                            packed + panel &* inner &* width, inner: inner, accumulate: accumulate,
                            c + (row &* cStride &+ column), cStride: cStride, columns: count)
                        row &+= tileRows
                    }
                }
            }
        }
    }

    /// Memory for packed panels, which every thread keeps: products of a model's layers follow one another.
    private static func withPanels(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let memory = PanelMemory.ofThread
        if memory.buffer.count < count { memory.buffer = AlignedBuffer(count: count) }
        body(memory.buffer.pointer)
    }

    /// Panels of two registers of columns, row after row of B; columns that B does not have are 0.
    private static func pack(
        _ b: UnsafePointer<Float>, transposed: Bool, stride: Int, inner: Int, columns: Int,
        into packed: UnsafeMutablePointer<Float>
    ) {
        let width = panelWidth
        for first in Swift.stride(from: 0, to: columns, by: width) {
            let panel = packed + first * inner
            let count = min(width, columns - first)
            if count < width { panel.update(repeating: 0, count: inner * width) }
            for column in 0..<count {
                if transposed {
                    let from = b + (first &+ column) &* stride
                    for index in 0..<inner { panel[index &* width &+ column] = from[index] }
                } else {
                    for index in 0..<inner { panel[index &* width &+ column] = b[index &* stride &+ first &+ column] }
                }
            }
        }
    }

    /// Up to 6 rows by up to 2 registers of columns of C. Rows that C does not have are computed as its last one.
    @inline(__always)
    private static func tile(
        _ a: UnsafePointer<Float>, aStride: Int, rows: Int, _ panel: UnsafePointer<Float>, inner: Int,
        accumulate: Bool, _ c: UnsafeMutablePointer<Float>, cStride: Int, columns: Int
    ) {
        let lanes = Lanes.scalarCount
        let last = rows &- 1
        let a0 = a
        let a1 = a + min(1, last) &* aStride
        let a2 = a + min(2, last) &* aStride
        let a3 = a + min(3, last) &* aStride
        let a4 = a + min(4, last) &* aStride
        let a5 = a + min(5, last) &* aStride
        let zero = Lanes(repeating: 0)
        var (c00, c01, c10, c11, c20, c21) = (zero, zero, zero, zero, zero, zero)
        var (c30, c31, c40, c41, c50, c51) = (zero, zero, zero, zero, zero, zero)
        if accumulate {
            (c00, c01) = start(c, columns)
            (c10, c11) = start(c + min(1, last) &* cStride, columns)
            (c20, c21) = start(c + min(2, last) &* cStride, columns)
            (c30, c31) = start(c + min(3, last) &* cStride, columns)
            (c40, c41) = start(c + min(4, last) &* cStride, columns)
            (c50, c51) = start(c + min(5, last) &* cStride, columns)
        }
        var line = panel
        for index in 0..<inner {
            let (b0, b1) = (load(line), load(line + lanes))
            line += 2 &* lanes
            var x = Lanes(repeating: a0[index])
            c00 = multiplyAdd(x, b0, plus: c00)
            c01 = multiplyAdd(x, b1, plus: c01)
            x = Lanes(repeating: a1[index])
            c10 = multiplyAdd(x, b0, plus: c10)
            c11 = multiplyAdd(x, b1, plus: c11)
            x = Lanes(repeating: a2[index])
            c20 = multiplyAdd(x, b0, plus: c20)
            c21 = multiplyAdd(x, b1, plus: c21)
            x = Lanes(repeating: a3[index])
            c30 = multiplyAdd(x, b0, plus: c30)
            c31 = multiplyAdd(x, b1, plus: c31)
            x = Lanes(repeating: a4[index])
            c40 = multiplyAdd(x, b0, plus: c40)
            c41 = multiplyAdd(x, b1, plus: c41)
            x = Lanes(repeating: a5[index])
            c50 = multiplyAdd(x, b0, plus: c50)
            c51 = multiplyAdd(x, b1, plus: c51)
        }
        finish(c00, c01, c, columns)
        if last >= 1 { finish(c10, c11, c + cStride, columns) }
        if last >= 2 { finish(c20, c21, c + 2 &* cStride, columns) }
        if last >= 3 { finish(c30, c31, c + 3 &* cStride, columns) }
        if last >= 4 { finish(c40, c41, c + 4 &* cStride, columns) }
        if last >= 5 { finish(c50, c51, c + 5 &* cStride, columns) }
    }

    @inline(__always)
    private static func start(_ c: UnsafeMutablePointer<Float>, _ columns: Int) -> (Lanes, Lanes) {
        let lanes = Lanes.scalarCount
        if columns == 2 &* lanes { return (load(c), load(c + lanes)) }
        return columns > lanes
            ? (load(c), loadPart(c + lanes, count: columns &- lanes))
            : (loadPart(c, count: columns), Lanes(repeating: 0))
    }

    @inline(__always)
    private static func finish(_ low: Lanes, _ high: Lanes, _ c: UnsafeMutablePointer<Float>, _ columns: Int) {
        let lanes = Lanes.scalarCount
        if columns == 2 &* lanes {
            store(low, to: c)
            store(high, to: c + lanes)
        } else if columns > lanes {
            store(low, to: c)
            storePart(high, to: c + lanes, count: columns &- lanes)
        } else {
            storePart(low, to: c, count: columns)
        }
    }
}

/// One thread's memory for packed panels.
private final class PanelMemory {
    var buffer = AlignedBuffer<Float>(count: 0)

    private static let key = "lloyd.reproducible-product.panels"

    static var ofThread: PanelMemory {
        let dictionary = Thread.current.threadDictionary
        if let known = dictionary[key] as? PanelMemory { return known }
        let memory = PanelMemory()
        dictionary[key] = memory
        return memory
    }
}
