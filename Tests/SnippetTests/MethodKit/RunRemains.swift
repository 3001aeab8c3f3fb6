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

private func runRemainsExample(method: RRQMethod, world: any Communicator) throws {
    let left = try RunRemains(of: method, in: "runs/faces", resuming: true, world)
    left.metricRows                                         // rows of metrics that stay
    left.description                                        // "12 finished layers"
}
