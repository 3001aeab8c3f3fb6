// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func reportTableExample() throws {
    let table = ReportTable(
        columns: [.init("Method"), .init("Train", decimals: 4), .init("Test", decimals: 4, best: .lowest)],
        rows: [["K-means", 0.6727, 1.0054], ["VR-Kmeans", 0.8441, 0.9413]],
        caption: "Table I. Distortion, means of five trials.")
}
