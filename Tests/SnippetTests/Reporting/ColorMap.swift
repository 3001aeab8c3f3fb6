// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func colorMapExample() throws {
    ColorMap.viridis.color(0.5)                // a green
    ColorMap.blues.color(0)                    // almost white: for matrices that are mostly zero, and for paper
}
