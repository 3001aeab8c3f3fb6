import Core
import Datasets
import Foundation

/// The format of a picture that is written, by the ending of its name.
///
///     let format = try PictureFormat(of: "photo.ppm")         // before any work: an ending that there is
///     try OutputFile.write(format.data(of: image, for: "photo.ppm"), to: "photo.ppm")
enum PictureFormat {
    case png
    /// Binary PGM of gray, binary PPM of color; either one if the ending does not say.
    case graymap, pixmap, anymap

    /// - Throws: `LloydError` for another ending. A name without one means PNG, as do devices and pipes.
    init(of path: String) throws {
        let ending = ((path as NSString).lastPathComponent as NSString).pathExtension
        switch ending.lowercased() {
        case "png", "": self = .png
        case "pgm": self = .graymap
        case "ppm": self = .pixmap
        case "pnm": self = .anymap
        default:
            guard try OutputFile.identity(path) != nil else {
                self = .png
                return
            }
            throw LloydError(
                .usage, at: path, problem: "has the ending .\(ending), in which no pictures are written",
                remedy: "choose .png, .ppm, .pgm or .pnm")
        }
    }

    /// - Throws: `LloydError` for a color image as PGM.
    func data(of image: Image, for path: String) throws -> Data {
        switch self {
        case .png: return image.pngData()
        case .anymap: return image.pnmData()
        case .pixmap: return image.rgb().pnmData()
        case .graymap:
            guard image.channels == 1 else {
                throw LloydError(
                    .usage, at: path, problem: "would lose its colors: .pgm holds gray images only",
                    remedy: "choose .ppm or .png")
            }
            return image.pnmData()
        }
    }
}
