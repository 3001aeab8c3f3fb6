import ArgumentParser
import Codec
import Core
import Datasets
import Foundation
import ImageMetrics
import MethodKit

struct Measure: PrintingCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "PSNR and MS-SSIM of decoded pictures against their originals.",
        discussion: """
            Of 8-bit RGB (gray if both are gray). In folders, pictures belong together that have one name, whatever \
            their format; every decoded picture needs its original. MS-SSIM is as pytorch-msssim and CompressAI compute \
            it, and missing where a side is 160 pixels or less.

            Examples:
              lloyd measure kodak/kodim01.png decoded/kodim01.png
              lloyd measure kodak decoded --json quality.json
            """)

    @Argument(help: ArgumentHelp("A picture or a folder of pictures.", valueName: "original"))
    var original: String

    @Argument(help: ArgumentHelp("The decoded picture, or a folder of them.", valueName: "decoded"))
    var decoded: String

    @Option(name: .customLong("json"), help: ArgumentHelp("Also writes the figures to a file.", valueName: "file"))
    var json: String?

    struct Result: Encodable {
        var name: String
        var width: Int
        var height: Int
        var psnr: Double
        var msSSIM: Double?

        enum CodingKeys: String, CodingKey {
            case name, width, height, psnr
            case msSSIM = "ms-ssim"
        }
    }

    var dataNames: [String] { [original, decoded] }

    func run() throws {
        try Failure.reported {
            try Outputs.check([json], inputs: [original, decoded])
            var table = TextTable(rightAligned: [1, 2])
            table.rows = [["picture", "PSNR (dB)", "MS-SSIM"]]
            let results = try PicturePairs(originals: original, decoded: decoded).pairs.map { pair in
                let first = try Image(path: pair.original)
                let quality = try PictureQuality(first, Image(path: pair.decoded), name: pair.decoded)
                table.rows.append([
                    pair.name, String(format: "%.3f", quality.psnr),
                    quality.msSSIM.map { String(format: "%.5f", $0) } ?? "too small",
                ])
                return Result(
                    name: pair.name, width: first.width, height: first.height, psnr: quality.psnr,
                    msSSIM: quality.msSSIM)
            }
            let similar = results.compactMap(\.msSSIM)
            if results.count > 1 {
                table.rows.append([
                    "mean", String(format: "%.3f", results.reduce(0) { $0 + $1.psnr } / Double(results.count)),
                    similar.isEmpty
                        ? "" : String(format: "%.5f", similar.reduce(0, +) / Double(similar.count)),
                ])
            }
            print(table.text, terminator: "")
            if let json { try JSONOutput.write(results, to: json) }
        }
    }
}
