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

private func valuesExample() throws {
    Values<Int>.integer(1...100)
    Values<Double?>.optionalPositive(1e9)                   // a number above 0, or null
    Values<DataSource>.choice                               // the raw values of an enumeration
}
