import Core
import Datasets
import Foundation
import Training

@testable import Codec

func evaluationRecordExample1(url: URL) throws {
    let record = try JSONDecoder().decode(EvaluationRecord.self, from: Data(contentsOf: url))
    let psnr = record.points[0].mean.psnr                   // dB, mean over the images
    let bytes = record.points[0].images[0].bytes            // of the coded file
}

func evaluationRecordExample2() {
    let names = EvaluationRecord.names(of: ["a.png", "a.jpg", "x/b.png"])       // ["a.png", "a.jpg", "x/b"]
}

func evaluationRecordExample3() {
    let files = EvaluationRecord.fileNames(of: ["x/b", "x-b"])                  // ["x-b", "x-b-2"]
}
