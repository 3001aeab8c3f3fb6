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

private func dataFingerprintExample() throws {
    try DataFingerprint.text(of: "/scratch/job17/photos")   // "620 files, 81391044 bytes, 3fa9c1d200b7e5a1"
}
