import Codec
import Core
import Datasets
import Foundation
import ImageMetrics
import RRQ

/// The RRQ runs that a command may code with.
///
///     ResidualShelf.isRun("runs/rrq-faces")
///     let shelf = ResidualShelf(model.map { [$0] } ?? [])
///     let model = try shelf.model(for: coded, name: "face.lloyd")
struct ResidualShelf {
    private let places: [String]
    private let runs: [String]

    /// - Parameter places: folders of runs; empty for what lies in runs/ and Reports/ here.
    init(_ places: [String]) {
        self.places = places.isEmpty ? ["runs", "Reports"] : places
        runs =
            places.isEmpty
            ? self.places.flatMap { folder in
                ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map {
                    "\(folder)/\($0)"
                }
            }.filter(Self.isRun) : places
    }

    /// Whether a folder holds codebooks.
    static func isRun(_ place: String) -> Bool {
        FileManager.default.fileExists(atPath: place + "/" + CodebookFile.name(layer: 1))
    }

    /// The layers that a coded file names.
    /// - Throws: `DatasetError` where none of the runs has them; where there is one run, what is wrong with it.
    func model(for coded: CodedFile, name: String) throws -> ResidualModel {
        let isCounted = coded.parameters.last == ResidualCodec.Coding.entropy.rawValue
        for run in runs {
            do {
                let model = try ResidualModel(runFolder: run, layers: coded.parameters[1])
                // With one run, decoding says what does not fit.
                if runs.count == 1 || model.fingerprint(entropyCoded: isCounted) == coded.fingerprint { return model }
            } catch {
                // Of several, another may be the right one.
                if runs.count == 1 { throw error }
            }
        }
        throw DatasetError(
            path: name,
            problem: "was made with layers that are in none of the \(runs.count) RRQ runs in "
                + places.joined(separator: ", "), remedy: "name the run that encoded it with --model")
    }
}

extension Encode {
    /// Codes the image with an RRQ run.
    func encodeWithLayers(of run: String) throws {
        guard lambda == nil else {
            throw DatasetError(
                path: run, problem: "is an RRQ run, which has no lambda to choose", remedy: "leave --lambda out")
        }
        let image = try Image(path: input)
        let start = ContinuousClock.now
        let codec = ResidualCodec(try ResidualModel(runFolder: run, layers: layers))
        var coding = fixedLength ? ResidualCodec.Coding.fixedLength : .entropy
        if coding == .entropy, !codec.model.hasCounts {
            print("Note: \(run) does not say how often its codewords were taken in training: fixed length is used.")
            coding = .fixedLength
        }
        let coded = try codec.encode(image, coding: coding, name: input)
        let data = coded.file.data
        let seconds = (ContinuousClock.now - start).seconds
        try OutputFile.write(data, to: output)
        let bitsPerPixel = 8 * Double(data.count) / Double(image.width * image.height)
        print(
            "\(output): \(image.width)x\(image.height), \(coded.indices.count) layers, \(data.count) bytes, "
                + String(
                    format: "%.4f bits per pixel; the indices take %.1f bytes; %.2f s", bitsPerPixel,
                    coded.estimatedBits / 8, seconds))
        var measured = Measured(
            width: image.width, height: image.height, bytes: data.count, bitsPerPixel: bitsPerPixel,
            estimatedBits: coded.estimatedBits, layerBits: coded.layerBits, seconds: ["all": seconds])
        if verify { measured.psnr = try verified(image, coded, codec) }
        try writeMeasurements(measured)
    }

    /// - Returns: the PSNR of the decoded image.
    private func verified(_ image: Image, _ coded: ResidualCodec.Coded, _ codec: ResidualCodec) throws -> Double {
        let isFile = try OutputFile.identity(output) != nil
        let file = isFile ? try CodedFile(path: output) : try CodedFile(coded.file.data, name: output)
        let decoded = try codec.decode(file, name: output)
        guard decoded.indices == coded.indices else {
            throw DatasetError(
                path: output, problem: "decodes to other indices than were encoded",
                remedy: "report this as a defect, with the image and the run")
        }
        let own = codec.model.shape.channels == 1 ? image.grey() : image.rgb()
        let quality = try PictureQuality(own, decoded.image, name: input)
        print(String(format: "Decoded again: the same indices, PSNR %.2f dB", quality.psnr))
        return quality.psnr
    }
}

extension Decode {
    /// Decodes a file of an RRQ run.
    func decodeLayers(_ coded: CodedFile, as format: PictureFormat) throws {
        let start = ContinuousClock.now
        let model = try ResidualShelf(self.model.map { [$0] } ?? []).model(for: coded, name: input)
        let decoded = try ResidualCodec(model).decode(coded, layers: layers, name: input)
        let seconds = (ContinuousClock.now - start).seconds
        try OutputFile.write(format.data(of: decoded.image, for: output), to: output)
        if coded.missingBytes > 0 {
            print("Note: \(input) is cut short: its checksum tells nothing, and damage would not be noticed.")
        }
        print(
            "\(output): \(coded.width)x\(coded.height), \(decoded.indices.count) of \(coded.parameters[1]) layers, "
                + String(format: "%.2f s", seconds))
    }
}
