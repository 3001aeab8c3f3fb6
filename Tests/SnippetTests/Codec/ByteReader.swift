// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func byteReaderExample(bytes: [UInt8], damaged: any Error) throws {
    var reader = ByteReader(bytes, from: 4)
    guard let length = reader.variable(), let chunk = reader.bytes(length) else { throw damaged }
}
