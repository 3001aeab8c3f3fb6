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

private func machineRatesExample() throws {
    let rates = MachineRates.measure()
    rates.product / 1e9                                     // GFLOP/s of a matrix product
    rates.memory / 1e9                                      // GB/s read plus written in a copy
}
