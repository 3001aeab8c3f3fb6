import Codec
import Datasets
import Foundation

/// The same part of a picture as each codec restores it at about the same rate, side by side.
///
///     let crops = CodecCrops(folders: ["decoded"], originals: "kodak", evaluations: evaluations)
///     page.sections.append(try crops.section())
///
/// Decoded pictures lie in FOLDER/CODEC/SETTING/IMAGE.png, names in small letters with hyphens between their words: what
/// Launch/classical-codecs --pictures leaves.
package struct CodecCrops {
    /// Folders of decoded pictures.
    package let folders: [String]
    /// The folder of their originals.
    package let originals: String
    /// By the names that the report gives them.
    package let evaluations: [(name: String, record: EvaluationRecord)]

    package init(folders: [String], originals: String, evaluations: [(name: String, record: EvaluationRecord)]) {
        (self.folders, self.originals, self.evaluations) = (folders, originals, evaluations)
    }

    /// Pixels of a crop along a side.
    private static let side = 256
    private static let mostImages = 3

    /// One codec's pictures: settings that were kept.
    private struct Kept {
        let name: String
        let record: EvaluationRecord
        /// Folders by the index of the point.
        let settings: [Int: String]

        func results(_ image: String) -> [(path: String, result: EvaluationRecord.ImageResult)] {
            settings.compactMap { index, folder in
                let images = record.points[index].images
                guard let position = images.firstIndex(where: { $0.name == image }) else { return nil }
                // As `lloyd evaluate --keep` names them, or by the last part of the name alone.
                let names = [EvaluationRecord.fileNames(of: images.map(\.name))[position], ComparedCodec.stem(image)]
                let paths = names.map { "\(folder)/\($0).png" }
                guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else { return nil }
                let result = images[position]
                return (path, result)
            }.sorted { $0.result.bytes < $1.result.bytes }
        }
    }

    /// - Throws: `LloydError` when no folder holds pictures of any of the codecs, or for a picture that cannot be
    ///   read.
    package func section() throws -> ReportSection {
        let kept = evaluations.compactMap { evaluation -> Kept? in
            var settings: [Int: String] = [:]
            for folder in folders {
                for (index, point) in evaluation.record.points.enumerated() {
                    let path =
                        "\(folder)/\(EvaluationRecord.slug(evaluation.record.name))/\(EvaluationRecord.slug(point.setting))"
                    if FileManager.default.fileExists(atPath: path) { settings[index] = path }
                }
            }
            guard !settings.isEmpty else { return nil }
            return Kept(name: evaluation.name, record: evaluation.record, settings: settings)
        }
        // Own codecs first.
        let codecs = kept.filter { $0.record.isPeer != true } + kept.filter { $0.record.isPeer == true }
        let known = try PicturePairs.pictures(in: originals)
        let images = (codecs.first?.record.points[0].images.map(\.name) ?? []).filter { image in
            Self.original(of: image, known) != nil && codecs.allSatisfy { !$0.results(image).isEmpty }
        }
        guard !images.isEmpty else {
            throw LloydError(
                at: folders.joined(separator: ", "),
                problem: "no picture is there of every codec that has some, with its original in \(originals)",
                remedy: "Expected FOLDER/CODEC/SETTING/IMAGE.png, such as "
                    + "\(folders.first ?? "decoded")/webp/quality-50/kodim01.png.")
        }
        let count = min(Self.mostImages, images.count)
        let chosen = (0..<count).map { images[$0 * images.count / count] }
        // Pictures of one name and several formats or folders are told apart by their whole names.
        let stems = DistinctNames.choose(
            count,
            forms: [
                { EvaluationRecord.slug(ComparedCodec.stem(chosen[$0])) }, { EvaluationRecord.slug(chosen[$0]) },
            ])
        let rows = try zip(chosen, stems).map { try row($0, stem: $1, known, codecs) }
        return ReportSection(
            "Side by side",
            [
                .pictures(
                    PictureGrid(
                        rows: rows,
                        caption:
                            "The part of each picture with the most detail, every pixel of it; of each codec the setting "
                            + "whose file comes nearest to one rate. Rate and PSNR are of the whole picture.",
                        displayWidth: Self.side))
            ])
    }

    /// Originals of one name and several formats are told apart by their endings.
    private static func original(of image: String, _ known: [String: String]) -> String? {
        known[(image as NSString).lastPathComponent] ?? known[ComparedCodec.stem(image)]
    }

    private func row(
        _ image: String, stem: String, _ known: [String: String], _ codecs: [Kept]
    ) throws -> PictureGrid.Row {
        let original = try Image(path: Self.original(of: image, known)!).rgb()
        let results = codecs.map { $0.results(image) }
        // A low one of the rates that all have: there codecs differ most.
        let least = results.map { $0.first!.result.bitsPerPixel }.max()!
        let most = results.map { $0.last!.result.bitsPerPixel }.min()!
        let target = most > least ? pow(least, 0.7) * pow(most, 0.3) : least
        let window = Self.window(original)
        var pictures = [
            PictureGrid.Picture(
                png: window.cut(original).pngData(), stem: "crop-\(stem)-original",
                caption: ["original"])
        ]
        for (codec, results) in zip(codecs, results) {
            let chosen = results.min {
                abs(log($0.result.bitsPerPixel / target)) < abs(log($1.result.bitsPerPixel / target))
            }!
            let picture = try Image(path: chosen.path)
            guard picture.width == original.width, picture.height == original.height else {
                throw LloydError(
                    at: chosen.path,
                    problem:
                        "has \(picture.width)x\(picture.height) pixels, its original \(original.width)x\(original.height)",
                    remedy: "Decode it anew, or name the right originals.")
            }
            pictures.append(
                .init(
                    png: window.cut(picture.rgb()).pngData(),
                    stem: "crop-\(stem)-\(EvaluationRecord.slug(codec.name))",
                    caption: [
                        codec.name,
                        "\(NumberText.fixed(chosen.result.bitsPerPixel, decimals: 3)) bits per pixel, "
                            + "\(NumberText.fixed(chosen.result.psnr, decimals: 2)) dB",
                    ]))
        }
        let short = ComparedCodec.stem(image)
        let label = stem == EvaluationRecord.slug(short) ? short : image
        return PictureGrid.Row(
            "\(label) at about \(NumberText.fixed(target, decimals: 2)) bits per pixel", pictures)
    }

    // MARK: Windows

    /// A part of a picture.
    package struct Window: Equatable {
        var left: Int
        var top: Int
        var width: Int
        var height: Int

        func cut(_ image: Image) -> Image {
            var samples: [Float] = []
            samples.reserveCapacity(width * height * image.channels)
            for channel in 0..<image.channels {
                for row in top..<top + height {
                    let start = (channel * image.height + row) * image.width + left
                    samples += image.samples[start..<start + width]
                }
            }
            return Image(width: width, height: height, channels: image.channels, samples: samples)
        }
    }

    /// The window with the most detail: the largest sum of squared differences of neighbors.
    package static func window(_ image: Image) -> Window {
        let grey = image.gray()
        let (width, height) = (min(side, image.width), min(side, image.height))
        let block = 16
        let (columns, rows) = (image.width / block, image.height / block)
        var detail = Array(repeating: 0.0, count: columns * rows)
        for row in 1..<max(1, rows * block) {
            for column in 1..<max(1, columns * block) {
                let across = grey[0, row, column] - grey[0, row, column - 1]
                let down = grey[0, row, column] - grey[0, row - 1, column]
                detail[row / block * columns + column / block] += Double(across * across + down * down)
            }
        }
        var best = Window(left: 0, top: 0, width: width, height: height)
        var most = -1.0
        for top in 0...max(0, rows - height / block) {
            for left in 0...max(0, columns - width / block) {
                guard top * block + height <= image.height, left * block + width <= image.width else { continue }
                var sum = 0.0
                for row in top..<min(rows, top + height / block) {
                    for column in left..<min(columns, left + width / block) { sum += detail[row * columns + column] }
                }
                if sum > most {
                    most = sum
                    (best.left, best.top) = (left * block, top * block)
                }
            }
        }
        return best
    }
}

extension ComparedCodec {
    /// An image's name without folder and extension.
    package static func stem(_ image: String) -> String {
        ((image as NSString).lastPathComponent as NSString).deletingPathExtension
    }
}
