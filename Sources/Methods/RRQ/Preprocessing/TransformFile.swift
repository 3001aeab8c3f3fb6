import Datasets
import Foundation
import Numerics

/// The fitted pre-processing of a run on disk: what its codebooks' numbers are relative to.
///
///     try TransformFile.write(fitted, to: "runs/faces/transform.safetensors")
///     let transform = try TransformFile.read("runs/faces/transform.safetensors")
///     transform.restorePixels(vector, count: 1, scratch: scratch)
///
/// Tensors: "mean" (F32, in band order) and, with PCA, "basis-0001" and so on (F32, orthonormal rows of each band).
/// Metadata: the vectors' dimension, the images' size, and the settings that the bands follow from.
package enum TransformFile {
    /// The file's name in a run folder.
    package static let name = "transform.safetensors"
    private static let format = "lloyd-transform-1"

    private static func basis(_ band: Int) -> String { "basis-\(String(format: "%04d", band + 1))" }

    /// Writes a fitted transform. The same transform gives the same bytes.
    /// - Throws: `LloydError` if the file cannot be written.
    package static func write(_ transform: DecorrelatingTransform, to path: String) throws {
        var tensors = ["mean": Tensor(Array(transform.mean.elements))]
        for (band, matrix) in transform.bases.enumerated() { tensors[basis(band)] = Tensor(matrix) }
        let settings = transform.settings
        var metadata = [
            "format": format, "dimension": "\(transform.dimension)", "cosine": "\(settings.cosine)",
            "principal-components": "\(settings.principalComponents)", "band-size": "\(settings.bandSize)",
        ]
        if let shape = transform.shape {
            metadata["width"] = "\(shape.width)"
            metadata["height"] = "\(shape.height)"
            metadata["channels"] = "\(shape.channels)"
        }
        if let factor = settings.lowFrequencyFactor { metadata["low-frequency-factor"] = "\(factor)" }
        try SafeTensors.write(tensors, metadata: metadata, to: path)
    }

    /// Reads a fitted transform.
    /// - Throws: `LloydError` for a file that is missing, damaged or of another kind.
    package static func read(_ path: String) throws -> DecorrelatingTransform {
        let file = try SafeTensors(path)
        func fault(_ problem: String) -> LloydError {
            LloydError(
                path: path, problem: problem, remedy: "use the file that `lloyd train` wrote into the run folder")
        }
        let metadata = file.metadata
        func integer(_ key: String) -> Int? { metadata[key].flatMap { Int($0) } }
        guard metadata["format"] == format, let dimension = integer("dimension"), dimension > 0,
            let cosine = metadata["cosine"].flatMap(Bool.init),
            let principalComponents = metadata["principal-components"].flatMap(Bool.init),
            let bandSize = integer("band-size"), (1...1 << 24).contains(bandSize), dimension <= Int(Int32.max)
        else { throw fault("is not the pre-processing of a run: its metadata lack format, dimension or settings") }
        let mean = try file.elements("mean", as: Float.self)
        guard mean.count == dimension else {
            throw fault("states \(dimension) dimensions, but has \(mean.count) means")
        }
        var settings = DecorrelatingTransform.Settings()
        settings.cosine = cosine
        settings.principalComponents = principalComponents
        settings.bandSize = bandSize
        if let text = metadata["low-frequency-factor"] {
            guard let factor = Int(text), (1...1 << 24).contains(factor) else {
                throw fault("states a low-frequency factor of “\(text)”")
            }
            settings.lowFrequencyFactor = factor
        }
        var shape: ImageShape?
        if metadata["width"] != nil {
            guard let width = integer("width"), let height = integer("height"), let channels = integer("channels"),
                (1...ImageShape.sideLimit).contains(width), (1...ImageShape.sideLimit).contains(height),
                channels == 1 || channels == 3, width * height * channels == dimension
            else { throw fault("states images that have no \(dimension) samples") }
            shape = ImageShape(width: width, height: height, channels: channels)
        }
        // Everything but the cosine's bases is no larger than what the file holds.
        if let shape, cosine, !CosineTransform.isProportionate(width: shape.width, height: shape.height) {
            throw fault("states images of \(shape), whose cosine transform would take far more memory than they do")
        }
        let transform = DecorrelatingTransform(shape: shape, dimension: dimension, settings: settings)
        guard mean.allSatisfy(\.isFinite) else { throw fault("holds a mean that is not finite") }
        transform.mean.pointer.update(from: mean, count: dimension)
        guard principalComponents else { return transform }
        transform.bases = try transform.subbands.bands.enumerated().map { band, range in
            let matrix = try file.matrix(basis(band))
            guard matrix.rows == range.count, matrix.columns == range.count else {
                throw fault("has a \(basis(band)) of \(matrix.rows)x\(matrix.columns) for \(range.count) dimensions")
            }
            guard matrix.storage.elements.prefix(matrix.count).allSatisfy(\.isFinite) else {
                throw fault("holds a number that is not finite in \(basis(band))")
            }
            return matrix
        }
        return transform
    }
}
