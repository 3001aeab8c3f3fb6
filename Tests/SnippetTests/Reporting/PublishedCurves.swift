// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func publishedCurvesExample() throws {
    let published = try PublishedCodecs(path: "Configs/anchors/kodak.json")
    published.curves.map(\.name)                            // ["JPEG", "JPEG2000", ...]
    published.curves[0].rateDistortion.rates                // bits per pixel
    published.origin                                        // who published them, in a sentence
}
