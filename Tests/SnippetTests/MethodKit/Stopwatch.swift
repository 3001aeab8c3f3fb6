// Lines stand as in the doc comments.
// swift-format-ignore-file
import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func stopwatchExample(a: AlignedBuffer<Float>, b: AlignedBuffer<Float>, c: AlignedBuffer<Float>) throws {
    let seconds = Stopwatch.fastest(within: 0.1, using: [a, b, c]) {      // of one call
        gemm(rows: 64, columns: 64, inner: 64, a: a.pointer, b: b.pointer, c: c.pointer)
    }
    // at least four calls, the first of which warms up and does not count
}
