// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func referenceLineExample() throws {
    ReferenceLine.horizontal(0.9185, label: "D* (rate-distortion bound)")
    ReferenceLine.vertical(47, label: "active set")
}
