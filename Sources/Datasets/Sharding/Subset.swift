/// Some items of another source, renumbered from 0: the training or the test side of a split.
///
///     let split = try TrainTestSplit(source: faces, testFraction: 0.2, seed: 1)
///     let train = Subset(faces, indices: split.train, name: "training faces")
///     try train.read(0, into: row)                  // item split.train[0] of faces
public struct Subset: VectorSource {
    /// The source that the items come from.
    public let source: any VectorSource
    /// The items' numbers in `source`.
    public let indices: [Int]
    public let name: String

    /// - Parameters:
    ///   - indices: the items' numbers in `source`, in any order.
    ///   - name: the name in messages and reports; nil for one made from that of `source`.
    public init(_ source: any VectorSource, indices: [Int], name: String? = nil) {
        precondition(indices.allSatisfy { $0 >= 0 && $0 < source.count }, "an index is outside 0..<\(source.count)")
        self.source = source
        self.indices = indices
        self.name = name ?? "\(indices.count) of \(source.count) items of \(source.name)"
    }

    public var count: Int { indices.count }
    public var dimension: Int { source.dimension }
    public var imageShape: ImageShape? { source.imageShape }
    public func itemName(_ index: Int) -> String { source.itemName(indices[index]) }
    public func group(_ index: Int) -> String? { source.group(indices[index]) }
    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        try source.read(indices[index], into: destination)
    }
    public func releasePages() { source.releasePages() }
}
