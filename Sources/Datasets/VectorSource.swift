import Numerics

/// The width, height and number of channels of an image whose samples form a vector.
///
/// Samples are planar: channel after channel, in each row after row from the top.
public struct ImageShape: Sendable, Hashable, CustomStringConvertible {
    /// The longest side of an image that is a vector, in pixels: its cosine transform has a matrix of side x side floats.
    public static let sideLimit = 16_384

    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// 1 (gray) or 3 (red, green, blue).
    public let channels: Int

    /// - Parameters:
    ///   - width: pixels in a row, at least 1.
    ///   - height: rows, at least 1.
    ///   - channels: 1 (gray) or 3 (RGB).
    public init(width: Int, height: Int, channels: Int) {
        precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "\(width)x\(height)x\(channels)")
        self.width = width
        self.height = height
        self.channels = channels
    }

    /// The number of samples: the dimension of the vector.
    public var count: Int { width * height * channels }
    /// "168x192 gray".
    public var description: String { "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")" }
}

/// Numbered vectors of one dimension, any of which can be read on any rank without reading the others.
///
///     let source = try ImageFolder("faces", color: .gray)
///     let shards = ShardRange(count: source.count, shards: 64)
///     let vectors = try source.readShard(shards[3])               // one row a face
///     print(source.itemName(shards[3].lowerBound))
///
/// `read` may be called from several threads at once, and always gives the same numbers for an index.
public protocol VectorSource: Sendable {
    /// The source's name in messages and reports: a path, or a description of a synthetic source.
    var name: String { get }
    /// The number of vectors.
    var count: Int { get }
    /// The number of components of every vector.
    var dimension: Int { get }
    /// The image that a vector forms (`dimension == imageShape.count`); nil for other vectors.
    var imageShape: ImageShape? { get }
    /// The name of an item for users: "row 17 of x.npy", or the image's file.
    func itemName(_ index: Int) -> String
    /// The group that an item belongs to (the folder of an image: one person's images); nil if there are no groups.
    func group(_ index: Int) -> String?
    /// Writes vector `index` to `destination`, which has room for `dimension` components. All are finite.
    ///
    /// - Throws: `LloydError` if the item cannot be read or holds NaN or infinity.
    func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws
    /// Releases memory that reading has filled, such as pages of a mapped file. Safe at any time.
    func releasePages()
}

extension VectorSource {
    /// Vectors are not images.
    public var imageShape: ImageShape? { nil }
    /// There are no groups.
    public func group(_ index: Int) -> String? { nil }
    /// Nothing is kept.
    public func releasePages() {}

    /// The vectors of `range` as a new matrix, one a row.
    /// - Throws: `LloydError` as `read`.
    public func readShard(_ range: Range<Int>) throws -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not within 0..<\(count)")
        let matrix = Matrix(rows: range.count, columns: dimension)
        try readShard(range, into: matrix)
        return matrix
    }

    /// Reads the vectors of `range` into the first rows of `matrix`, which can be reused from shard to shard.
    /// - Throws: `LloydError` as `read`.
    public func readShard(_ range: Range<Int>, into matrix: Matrix) throws {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not within 0..<\(count)")
        precondition(matrix.columns == dimension && matrix.rows >= range.count)
        for (row, index) in range.enumerated() { try read(index, into: matrix.row(row)) }
    }
}
