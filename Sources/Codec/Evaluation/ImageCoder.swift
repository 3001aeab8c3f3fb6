import Datasets
import Foundation

/// What turns images into the bytes of files and back, whatever its method: what an evaluation measures.
///
///     let coded = try coder.code(image, name: "kodim01.png")
///     let restored = try coder.restore(coded.data, name: "kodim01.png")
///     print(restored.indices == coded.indices)                // true
public protocol ImageCoder {
    /// Turns an image into the bytes of a file. `name` is what errors call the image.
    /// - Throws: `LloydError` for an image that it cannot code.
    func code(_ image: Image, name: String) throws -> CodedImage
    /// Turns a file's bytes into an image. `name` is what errors call the file.
    /// - Throws: `LloydError` for bytes that are not a file of its own, or are damaged.
    func restore(_ data: Data, name: String) throws -> RestoredImage
}

/// A coded image and the time that coding took.
public struct CodedImage {
    /// The whole file.
    public var data: Data
    /// Bits that the entropy model charges, -log2 of the probability, by layer.
    public var layerBits: [Double]
    /// What was coded, by tile of the image and by layer; a coder without tiles has one.
    public var indices: [[[Int32]]]
    /// Of all threads.
    public var times: CodingTimes

    /// A coded image.
    public init(data: Data, layerBits: [Double], indices: [[[Int32]]], times: CodingTimes) {
        (self.data, self.layerBits, self.indices, self.times) = (data, layerBits, indices, times)
    }
}

/// A decoded image.
public struct RestoredImage {
    /// Of the size of the original.
    public var image: Image
    /// What was decoded, as `CodedImage.indices`; equal to those unless coder or file is defective.
    public var indices: [[[Int32]]]
    /// Of all threads.
    public var times: CodingTimes

    /// A decoded image.
    public init(image: Image, indices: [[[Int32]]], times: CodingTimes) {
        (self.image, self.indices, self.times) = (image, indices, times)
    }
}
