import Datasets
import Foundation

/// What turns images into the bytes of files and back, whatever its method: what an evaluation measures.
///
///     let coded = try coder.code(image, name: "kodim01.png")
///     let restored = try coder.restore(coded.data, name: "kodim01.png")
///     restored.indices == coded.indices
public protocol ImageCoder {
    /// - Throws: `DatasetError` for an image that it cannot code.
    func code(_ image: Image, name: String) throws -> CodedImage
    /// - Throws: `DatasetError` for bytes that are no file of its own.
    func restore(_ data: Data, name: String) throws -> RestoredImage
}

/// A coded image and what coding it took.
public struct CodedImage {
    /// The whole file.
    public var data: Data
    /// Bits that the entropy model charges, by layer.
    public var layerBits: [Double]
    public var indices: [[[Int32]]]
    public var times: CodingTimes
}

/// A decoded image.
public struct RestoredImage {
    public var image: Image
    public var indices: [[[Int32]]]
    public var times: CodingTimes
}

extension VectorTransformCodec: ImageCoder {
    public func code(_ image: Image, name: String) throws -> CodedImage {
        let coded = try encode(image, name: name)
        return CodedImage(
            data: coded.file.data, layerBits: coded.layerBits, indices: coded.indices, times: coded.times)
    }

    public func restore(_ data: Data, name: String) throws -> RestoredImage {
        let decoded = try decode(CodedFile(data, name: name), name: name)
        return RestoredImage(image: decoded.image, indices: decoded.indices, times: decoded.times)
    }
}

/// Times are not split: encoding is search, decoding is transform.
extension ResidualCodec: ImageCoder {
    public func code(_ image: Image, name: String) throws -> CodedImage {
        var times = CodingTimes()
        let coded = try times.measure(\.quantization) {
            try encode(image, coding: model.hasCounts ? .entropy : .fixedLength, name: name)
        }
        return CodedImage(
            data: coded.file.data, layerBits: coded.layerBits, indices: [[coded.indices]], times: times)
    }

    public func restore(_ data: Data, name: String) throws -> RestoredImage {
        var times = CodingTimes()
        let decoded = try times.measure(\.transform) { try decode(CodedFile(data, name: name), name: name) }
        return RestoredImage(image: decoded.image, indices: [[decoded.indices]], times: times)
    }
}
