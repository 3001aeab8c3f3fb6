import Foundation
import MethodKit
import Reporting

extension NVTCPictures {
    /// Validation images beside their reconstructions; nil if the run kept none.
    /// - Throws: `LloydError` if a picture that the run has kept is gone.
    static func section(_ run: RunContents, _ record: NVTCRecord) throws -> ReportSection? {
        let count = record.pictures ?? 0
        guard count > 0 else { return nil }
        func picture(_ file: String, _ caption: [String]) throws -> PictureGrid.Picture {
            let stem = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
            return .init(png: try run.read(file), stem: stem, caption: caption)
        }
        let rows = try (0..<count).map { index in
            PictureGrid.Row(
                (record.points[0].images[index].name as NSString).lastPathComponent,
                try [picture(original(index), ["original"])]
                    + record.points.map { point in
                        let image = point.images[index]
                        return try picture(
                            reconstruction(index, lambda: point.lambda),
                            [
                                NVTCLayers.title(lambda: point.lambda),
                                "\(NumberText.fixed(image.bitsPerPixel, decimals: 3)) bits per pixel, "
                                    + "\(NumberText.fixed(image.psnr, decimals: 2)) dB",
                            ])
                    })
        }
        return ReportSection(
            "Reconstructions",
            [
                .pictures(
                    PictureGrid(
                        rows: rows,
                        caption:
                            "The first \(count == 1 ? "validation image" : "\(count) validation images"), which no model "
                            + "was trained on, scaled down to the page; the files in `pictures` have every pixel."))
            ])
    }
}
