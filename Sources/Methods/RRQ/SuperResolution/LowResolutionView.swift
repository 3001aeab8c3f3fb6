import Datasets

/// Images as they look after down-sampling and up-sampling by bicubic interpolation: what super-resolution starts from.
///
///     let view = try LowResolutionView(testImages, factor: 8)                 // same size, most detail gone
///
/// Source: Fig. 3 of the RRQ paper: "down-sampled and again up-sampled with bi-cubic interpolation". The small image is
/// rounded to 8 bits, as a file would hold it.
struct LowResolutionView: VectorSource {
    let source: any VectorSource
    let factor: Int
    private let shape: ImageShape

    /// - Parameters:
    ///   - source: images whose sides are at least `factor` pixels.
    ///   - factor: at least 2.
    /// - Throws: `LloydError` if the source holds vectors, or images that are too small.
    init(_ source: any VectorSource, factor: Int) throws {
        guard let shape = source.imageShape else {
            throw LloydError(
                path: source.name, problem: "holds vectors, not images, so there is nothing to super-resolve",
                remedy: "remove the section `super-resolution`, or use images")
        }
        guard factor >= 2, shape.width / factor >= 1, shape.height / factor >= 1 else {
            throw LloydError(
                path: source.name, problem: "images of \(shape) cannot be down-sampled by \(factor)",
                remedy: "choose super-resolution.factor between 2 and \(min(shape.width, shape.height))")
        }
        self.source = source
        self.factor = factor
        self.shape = shape
    }

    var name: String { "\(source.name) through 1/\(factor)" }
    var count: Int { source.count }
    var dimension: Int { source.dimension }
    var imageShape: ImageShape? { shape }
    func itemName(_ index: Int) -> String { source.itemName(index) }
    func group(_ index: Int) -> String? { source.group(index) }
    func releasePages() { source.releasePages() }

    func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        try source.read(index, into: destination)
        let image = Image(Array(destination.prefix(shape.count)), shape: shape)
        var small = image.resized(width: shape.width / factor, height: shape.height / factor)
        small.samples.withUnsafeMutableBufferPointer { roundToBytes($0.baseAddress!, count: $0.count) }
        let large = small.resized(width: shape.width, height: shape.height)
        _ = destination.update(fromContentsOf: large.samples)
    }
}
