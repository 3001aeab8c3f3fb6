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

private func schemaExample(key: any ConfigKey) throws {
    let schema = Schema([RRQMethod.self, NVTCMethod.self])
    schema.keys.map(\.path)                                 // "method", "title", ..., each once
    schema.methods(using: key)                              // the methods that have it
}
