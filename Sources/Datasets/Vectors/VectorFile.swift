import Foundation

/// Opens a file of vectors by its extension.
///
///     let vectors = try VectorFile.open("sift/base.fvecs")
///     vectors.dimension                             // 128
public enum VectorFile {
    /// - Throws: `LloydError` for a file that is neither .npy nor .fvecs, .ivecs or .bvecs, or is damaged.
    public static func open(_ path: String) throws -> any VectorSource {
        (path as NSString).pathExtension.lowercased() == "npy" ? try NumPyVectors(path) : try FVecsVectors(path)
    }
}
