import Datasets
import Foundation
import Quantization

/// Codebooks of the first layers of a residual quantizer, trained by an earlier process: read one by one as they are applied.
///
///     let finished = FinishedLayers(folder: "runs/faces/codebooks")
///     finished.count                                          // 37
///     finished.warnings                                       // a damaged file ends the list
///     try finished.codebook(0)
///
/// Every file is read and checked once beforehand; none stays in memory.
struct FinishedLayers {
    /// How many there are; later ones have to be trained.
    let count: Int
    /// What was wrong with the first file that is not among them.
    let warnings: [String]
    private let load: (Int) throws -> SparseCodebook

    /// - Parameter folder: with files named as in `CodebookFile`; one that does not exist holds no layer.
    init(folder: String) {
        func path(_ layer: Int) -> String { folder + "/" + CodebookFile.fileName(layer: layer + 1) }
        var (count, warnings) = (0, [String]())
        while FileManager.default.fileExists(atPath: path(count)) {
            do {
                _ = try CodebookFile.read(path(count))
                count += 1
            } catch {
                warnings.append("layer \(count + 1) is trained again, and those after it: \(error)")
                break
            }
        }
        self.count = count
        self.warnings = warnings
        load = { try CodebookFile.read(path($0)) }
    }

    /// Layers that are in memory.
    init(_ codebooks: [SparseCodebook] = []) {
        count = codebooks.count
        warnings = []
        load = { codebooks[$0] }
    }

    /// The codebook of a layer, counted from 0.
    /// - Throws: `LloydError` if its file has been damaged since it was checked.
    func codebook(_ layer: Int) throws -> SparseCodebook { try load(layer) }
}
