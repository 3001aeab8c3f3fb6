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

    public init(data: Data, layerBits: [Double], indices: [[[Int32]]], times: CodingTimes) {
        (self.data, self.layerBits, self.indices, self.times) = (data, layerBits, indices, times)
    }
}

/// A decoded image.
public struct RestoredImage {
    public var image: Image
    public var indices: [[[Int32]]]
    public var times: CodingTimes

    public init(image: Image, indices: [[[Int32]]], times: CodingTimes) {
        (self.image, self.indices, self.times) = (image, indices, times)
    }
}
