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

private func kernelTimesExample() throws {
    let times = KernelTimes(codewords: 256, actives: [7, 120, 850], memoryRate: 19e9)
    times.search(active: 300)                               // one vector among 256 codewords of 300 entries
    // measured at the given sizes, on a straight line in between
}
