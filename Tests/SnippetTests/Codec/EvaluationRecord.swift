// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func evaluationRecordExample1(url: URL) throws {
    let record = try JSONDecoder().decode(EvaluationRecord.self, from: Data(contentsOf: url))
    let psnr = record.points[0].mean.psnr                   // dB, mean over the images
    let bytes = record.points[0].images[0].bytes            // of the coded file
}

private func evaluationRecordExample2() {
    let names = EvaluationRecord.names(of: ["a.png", "a.jpg", "x/b.png"])       // ["a.png", "a.jpg", "x/b"]
}

private func evaluationRecordExample3() {
    let files = EvaluationRecord.fileNames(of: ["x/b", "x-b"])                  // ["x-b", "x-b-2"]
}
