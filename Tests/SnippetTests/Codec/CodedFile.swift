// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func codedFileExample(fingerprint: UInt64, coded: Data) throws {
    let kind = CodedFile.Kind(number: 200, parameters: 1)   // one parameter: channels
    var file = CodedFile(kind: kind, fingerprint: fingerprint, width: 768, height: 512, parameters: [3])
    file.chunks.append(coded)
    try OutputFile.write(file.data, to: "image.lloyd")
    let back = try CodedFile(path: "image.lloyd", kinds: [kind])
}
