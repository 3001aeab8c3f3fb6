import ArgumentParser
import Codec
import Core
import Datasets
import Foundation
import ImageMetrics
import MethodKit

struct Encode: ParsableCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "Codes an image to a file with a trained model.",
        discussion: HelpText.discussion(
            .encode,
            """
            Reads PNG, JPEG, PGM and PPM. An image whose EXIF data give another orientation is turned upright first, as \
            viewers show it. Gray images stay gray; samples of more than 8 bits are coded as they are and \
            decoded to 8; an alpha channel must be opaque everywhere and is dropped.
            """,
            examples: [
                "lloyd encode photo.png photo.lloyd --verify",
                "lloyd decode photo.lloyd photo-decoded.png",
            ]))

    @Option(
        help: ArgumentHelp(
            "A finished run or a model's file. (default: the models in runs/ and Reports/)", valueName: "run|file"))
    var model: String?

    @Option(help: "Which of a run's models, if it has one for each lambda.")
    var lambda: Double?

    @Option(help: "How many layers, from the first, if the model codes in layers. (default: all)")
    var layers: Int?

    @Flag(help: "Indices of fixed length instead of entropy coding, if the model has both.")
    var fixedLength = false

    @Argument(help: "The image.")
    var input: String

    @Argument(help: "The coded file.")
    var output: String

    @Option(help: "Threads that share the image's tiles.")
    var threads: Int = 1

    @Flag(help: "Decodes the file again and compares: an index that differs is an error; prints the PSNR.")
    var verify = false

    @Option(help: ArgumentHelp("Writes what was measured as JSON.", valueName: "file"))
    var json: String?

    var dataNames: [String] { [input] }

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        guard layers.map({ $0 >= 1 }) ?? true else { throw ValidationError("--layers must be at least 1") }
    }

    /// What --json writes.
    struct Measured: Encodable {
        var width: Int
        var height: Int
        var bytes: Int
        var bitsPerPixel: Double
        var estimatedBits: Double
        var layerBits: [Double]
        var seconds: [String: Double]
        var psnr: Double?
    }

    func run() throws {
        try Failure.reported {
            try Outputs.check([output, json], inputs: [input, model])
            let options = CodingOptions(
                models: model.map { [$0] } ?? [], lambda: lambda, layers: layers, fixedLength: fixedLength,
                threads: threads)
            let coder = try Methods.coder(for: model).encoder(options)
            try Outputs.check([output, json], inputs: coder.inputs)
            let orientation = try ImageHeader(path: input).orientation
            let image = try Image(path: input)
            if orientation != .upright {
                print("\(FileName.printable(input)): turned upright (EXIF orientation \(orientation.rawValue))")
            }
            for note in coder.notes { print("Note: \(note)") }
            let start = ContinuousClock.now
            let coded = try coder.encode(image, name: input)
            let data = coded.file.data
            let seconds = (ContinuousClock.now - start).seconds
            try OutputFile.write(data, to: output)
            let bitsPerPixel = 8 * Double(data.count) / Double(image.width * image.height)
            print(
                "\(output): \(image.width)x\(image.height), " + (coded.size.map { "\($0), " } ?? "")
                    + "\(data.count) bytes, " + String(format: "%.4f bits per pixel; ", bitsPerPixel) + coded.estimate
                    + String(format: "; %.2f s", seconds))
            var measured = Measured(
                width: image.width, height: image.height, bytes: data.count, bitsPerPixel: bitsPerPixel,
                estimatedBits: coded.estimatedBits, layerBits: coded.layerBits, seconds: coded.seconds(seconds))
            if verify { measured.psnr = try verified(image, coded, coder) }
            if let json {
                try JSONOutput.write(measured, to: json)
                print("Measurements: \(json)")
            }
        }
    }

    /// - Returns: the PSNR of the decoded image.
    private func verified(_ image: Image, _ coded: EncodedFile, _ coder: any FileCoder) throws -> Double {
        // What was written is read again; a device cannot be.
        let isFile = try OutputFile.identity(output) != nil
        let kinds = [coded.file.kind]
        let file =
            isFile
            ? try CodedFile(path: output, kinds: kinds) : try CodedFile(coded.file.data, name: output, kinds: kinds)
        let decoded = try coder.decode(file, name: output)
        guard decoded.indices == coded.indices else {
            throw LloydError(
                path: output, problem: "decodes to other indices than were encoded",
                remedy: "report this as a defect, with the image and the model")
        }
        let quality = try PictureQuality(coder.codedPart(of: image), decoded.image, name: input)
        print(String(format: "Decoded again: the same indices, PSNR %.2f dB", quality.psnr))
        return quality.psnr
    }
}
