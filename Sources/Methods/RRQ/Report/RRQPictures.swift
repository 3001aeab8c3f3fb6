import Foundation
import MethodKit
import Reporting

/// The parts of an RRQ report that show images: reconstructions after some layers, and super-resolution.
struct RRQPictures {
    let run: RunContents
    let record: RRQRecord

    typealias Restoration = ImageEvaluator.Restoration

    private var items: [Int] { Array(Set(record.pictures.map(\.item))).sorted() }

    private func itemLabel(_ item: Int) -> String {
        let name = record.pictures.first { $0.item == item }?.name ?? ""
        return (name as NSString).lastPathComponent
    }

    /// - Parameter part: distinguishes pictures that appear in two parts of the report.
    private func picture(
        _ record: RRQRecord.PictureRecord, _ title: String, part: String
    ) throws -> PictureGrid.Picture {
        let stem = part + "-" + ((record.file as NSString).lastPathComponent as NSString).deletingPathExtension
        return .init(
            png: try run.read(record.file), stem: stem,
            caption: [title] + (record.psnr.map { [String(format: "%.2f dB", $0)] } ?? []))
    }

    /// Test images after some layers; nil for vectors.
    func reconstructions() throws -> ReportSection? {
        guard record.qualities.contains(where: { $0.restoration == .reconstruction }) else { return nil }
        let kept = record.pictures.filter { $0.restoration == .reconstruction }
        let rows = try items.map { item -> PictureGrid.Row in
            var pictures: [PictureGrid.Picture] = []
            if let original = record.pictures.first(where: { $0.item == item && $0.restoration == .original }) {
                pictures.append(try picture(original, "original", part: "layers"))
            }
            for entry in kept.filter({ $0.item == item }).sorted(by: { $0.layer < $1.layer }) {
                pictures.append(
                    try picture(entry, "\(entry.layer) layer\(entry.layer == 1 ? "" : "s")", part: "layers"))
            }
            return .init(itemLabel(item), pictures)
        }
        let table = ReportTable(
            columns: [
                .init("Layers", decimals: 0), .init("Test PSNR", unit: "dB", decimals: 2), .init("SSIM", decimals: 4),
            ],
            rows: record.qualities.filter { $0.restoration == .reconstruction }.map {
                [.number(Double($0.layer)), .number($0.psnr), $0.ssim.map { .number($0) } ?? .empty]
            },
            caption:
                "Mean over all \(record.testCount) test images, clipped and rounded to 8 bits; SSIM after the last layer."
        )
        return ReportSection(
            "Reconstructions of test images",
            [.table(table)]
                + grid(rows, caption: "Images that no codebook has seen, after more and more layers."))
    }

    /// A picture grid, or how to get one if the run kept no pictures.
    private func grid(_ rows: [PictureGrid.Row], caption: String) -> [ReportBlock] {
        guard !rows.isEmpty else {
            return [.paragraph("This run kept no pictures; set `report.pictures` to show some test images.")]
        }
        return [.pictures(PictureGrid(rows: rows, caption: caption, displayWidth: displayWidth))]
    }

    private var displayWidth: Int { min(max(record.imageWidth ?? 128, 96), 192) }

    private func title(_ restoration: Restoration) -> String {
        switch restoration {
        case .original: "original"
        case .reconstruction: "reconstruction"
        case .bicubic: "bicubic"
        case .plain: "RRQ, plain"
        case .lowKept: "RRQ, low frequencies kept"
        case .corrected: "interpolation corrected"
        case .calibrated: "RRQ, calibrated"
        }
    }

    /// Fig. 3; nil if the run did none.
    func superResolution() throws -> ReportSection? {
        guard let factor = record.superResolutionFactor else { return nil }
        let kinds: [Restoration] = [.bicubic, .plain, .lowKept, .corrected, .calibrated]
        let present = kinds.filter { kind in record.qualities.contains { $0.restoration == kind } }
        let layers = Array(Set(record.qualities.map(\.layer))).sorted()
        let rows = present.map { kind -> [ReportTable.Cell] in
            let own = record.qualities.filter { $0.restoration == kind }
            return [.text(title(kind))]
                + layers.map { layer in
                    // What no layer changes is measured once, after the last.
                    (own.first { $0.layer == layer } ?? (kind.isFixed ? own.last : nil)).map { .number($0.psnr) }
                        ?? .empty
                } + [own.compactMap(\.ssim).last.map { .number($0) } ?? .empty]
        }
        let table = ReportTable(
            columns: [.init("Restoration")]
                + layers.map { .init("\($0) layer\($0 == 1 ? "" : "s")", unit: "dB", decimals: 2, best: .highest) }
                + [.init("SSIM", decimals: 4, best: .highest)],
            rows: rows,
            caption:
                "Mean PSNR over \(record.testCount) test images that were down-sampled by \(factor); SSIM after the last layer."
        )
        let last = layers.last ?? 0
        let gridRows = try items.map { item -> PictureGrid.Row in
            let own = record.pictures.filter { $0.item == item }
            let wanted = [Restoration.original] + present
            return .init(
                itemLabel(item),
                try wanted.compactMap { kind in
                    try own.first { $0.restoration == kind && ($0.layer == last || $0.layer == 0) }
                        .map { try picture($0, title(kind), part: "super-resolution") }
                })
        }
        return ReportSection(
            "Super-resolution by \(factor)",
            [.paragraph(explanation(present)), .table(table)]
                + grid(gridRows, caption: "After \(last) layers, as in Fig. 3 of the RRQ paper."))
    }

    private func explanation(_ present: [Restoration]) -> String {
        var text =
            "Test images are down-sampled, up-sampled by bicubic interpolation, and restored with codebooks learned from full "
            + "training images. Plain: encoded and decoded as in the paper, so that even what the small image still holds goes "
            + "through the codebooks. Low frequencies kept: only what down-sampling removed is taken from the codebooks."
        if present.contains(.calibrated) {
            text +=
                " Interpolation corrected: no codebooks; frequencies that interpolation damps are raised again, by as much as "
                + "\(record.heldOutCount) training images held out for this show. Calibrated: the corrected image and "
                + "codewords chosen by its low frequencies alone, each weighted by what worked best on the held-out images."
        }
        return text
    }
}
