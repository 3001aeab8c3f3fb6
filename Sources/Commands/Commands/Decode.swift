import ArgumentParser
import Codec
import Core
import Datasets
import Foundation
import MethodKit

struct Decode: ParsableCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "Turns a coded file back into an image.",
        discussion: HelpText.discussion(
            .decode,
            """
            The file names its model by a fingerprint: of several models the right one is found. Damage is an error that \
            says which part of the file it is in. The image is PNG, or what the ending of its name says: .png, .ppm, \
            .pgm (gray images) or .pnm.
            """,
            examples: [
                "lloyd decode photo.lloyd photo.png",
                "lloyd decode photo.lloyd photo.ppm --threads 2",
            ]))

    @Option(
        help: ArgumentHelp(
            "The run or the file of the model. (default: the models in runs/ and Reports/)", valueName: "run|file"))
    var model: String?

    @Argument(help: "The coded file.")
    var input: String

    @Argument(help: "The image: .png, .ppm, .pgm or .pnm.")
    var output: String

    @Option(help: "Threads that share the image's tiles.")
    var threads: Int = 1

    @Option(
        help:
            "How many of the file's layers, if it is coded in layers; also of a file cut short after them. (default: all)"
    )
    var layers: Int?

    @Option(help: "Larger images are refused before anything is allocated.")
    var pixelLimit: Int = ImageHeader.defaultPixelLimit

    var dataNames: [String] { [input] }

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        guard pixelLimit >= 1 else { throw ValidationError("--pixel-limit must be at least 1") }
    }

    func run() throws {
        try Failure.reported {
            let format = try PictureFormat(of: output)
            try Outputs.check([output], inputs: [input, model])
            let coded = try CodedFile(
                path: input, kinds: Methods.kinds, pixelLimit: pixelLimit, allowingCutShort: layers != nil)
            let options = CodingOptions(models: model.map { [$0] } ?? [], layers: layers, threads: threads)
            let coder = try Methods.coder(of: coded, name: input).decoder(of: coded, name: input, options)
            let start = ContinuousClock.now
            let decoded = try coder.decode(coded, name: input)
            let seconds = (ContinuousClock.now - start).seconds
            try OutputFile.write(format.data(of: decoded.image, for: output), to: output)
            if coded.missingBytes > 0 {
                print("Note: \(input) is cut short: its checksum tells nothing, and damage would not be noticed.")
            }
            print(
                "\(output): \(coded.width)x\(coded.height), " + (decoded.size.map { "\($0), " } ?? "")
                    + String(format: "%.2f s", seconds))
        }
    }
}
