import Codec
import Datasets
import Foundation

/// Times are not split: encoding is search, decoding is transform.
extension ResidualCodec: ImageCoder {
    func code(_ image: Image, name: String) throws -> CodedImage {
        var times = CodingTimes()
        let coded = try times.measure(\.quantization) {
            try encode(image, coding: model.hasCounts ? .entropy : .fixedLength, name: name)
        }
        return CodedImage(
            data: coded.file.data, layerBits: coded.layerBits, indices: [[coded.indices]], times: times)
    }

    func restore(_ data: Data, name: String) throws -> RestoredImage {
        var times = CodingTimes()
        let decoded = try times.measure(\.transform) {
            try decode(CodedFile(data, name: name, kinds: [.residual]), name: name)
        }
        return RestoredImage(image: decoded.image, indices: [[decoded.indices]], times: times)
    }
}
