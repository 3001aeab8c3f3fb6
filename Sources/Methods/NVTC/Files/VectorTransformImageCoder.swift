import Codec
import Datasets
import Foundation

extension VectorTransformCodec: ImageCoder {
    package func code(_ image: Image, name: String) throws -> CodedImage {
        let coded = try encode(image, name: name)
        return CodedImage(
            data: coded.file.data, layerBits: coded.layerBits, indices: coded.indices, times: coded.times)
    }

    package func restore(_ data: Data, name: String) throws -> RestoredImage {
        let decoded = try decode(CodedFile(data, name: name, kinds: [.vectorTransform]), name: name)
        return RestoredImage(image: decoded.image, indices: decoded.indices, times: decoded.times)
    }
}
