import Datasets
import Foundation
import Numerics
import Quantization
import TestSupport
import Testing

@testable import Codec
@testable import RRQ

@Suite struct ResidualCodecTests {
    struct Sizes: Sendable, CustomTestStringConvertible {
        var width: Int
        var height: Int
        var channels = 1
        var layers: Int
        var codewords: Int
        var hasBases = false

        var testDescription: String { "\(width)x\(height)x\(channels), \(layers) layers of \(codewords) codewords" }
    }

    static let sizes = [
        Sizes(width: 16, height: 12, layers: 6, codewords: 256, hasBases: true),
        Sizes(width: 7, height: 5, channels: 3, layers: 9, codewords: 5),
        Sizes(width: 1, height: 1, layers: 3, codewords: 2),
        Sizes(width: 33, height: 2, layers: 40, codewords: 300, hasBases: true),
        Sizes(width: 3, height: 20, layers: 2, codewords: 1),
    ]

    /// A run as training leaves it, of random numbers.
    private func writeRun(
        _ folder: ScratchFolder, _ sizes: Sizes, name: String = "run", seed: UInt64 = 1, counts: Bool = true
    ) throws -> String {
        let random = CounterRandom(seed: seed, purpose: .test)
        let dimension = sizes.width * sizes.height * sizes.channels
        var settings = DecorrelatingTransform.Settings()
        settings.bandSize = 10
        settings.principalComponents = sizes.hasBases
        let transform = DecorrelatingTransform(
            shape: ImageShape(width: sizes.width, height: sizes.height, channels: sizes.channels),
            dimension: dimension, settings: settings)
        random.normals(item: 0, into: transform.mean.elements)
        transform.mean[0] += Float(dimension).squareRoot() / 2
        if sizes.hasBases {
            // Any orthonormal rows will do.
            transform.bases = transform.subbands.bands.map { CosineTransform.basis($0.count) }
        }
        try FileManager.default.createDirectory(
            atPath: folder / "\(name)/codebooks", withIntermediateDirectories: true)
        try TransformFile.write(transform, to: folder / "\(name)/\(TransformFile.name)")
        for layer in 1...sizes.layers {
            let active = (0..<Int32(dimension)).filter { Int($0) % (1 + layer % 3) == 0 }
            let codebook = SparseCodebook(dimension: dimension, active: active, codewords: sizes.codewords)
            random.normals(item: layer, into: codebook.values.storage.elements)
            for index in 0..<codebook.values.count { codebook.values.pointer[index] /= Float(layer) }
            let usage = (0..<sizes.codewords).map { Int64(($0 * 37 + layer) % 11 == 0 ? 0 : 1000 / ($0 + 1)) }
            try CodebookFile.write(
                codebook, usage: counts ? usage : nil, layer: layer,
                to: folder / "\(name)/" + CodebookFile.name(layer: layer))
        }
        return folder / name
    }

    private func image(_ sizes: Sizes, seed: UInt64 = 7) -> Image {
        var samples = [Float](repeating: 0, count: sizes.width * sizes.height * sizes.channels)
        samples.withUnsafeMutableBufferPointer {
            CounterRandom(seed: seed, purpose: .test).normals(item: 0, into: $0)
        }
        return Image(
            width: sizes.width, height: sizes.height, channels: sizes.channels,
            samples: samples.map { 0.5 + 0.2 * $0 })
    }

    private func squaredError(_ one: Image, _ other: Image) -> Double {
        var sum = 0.0
        for (a, b) in zip(one.samples, other.samples) { sum += Double((a - b) * (a - b)) }
        return sum
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "accepted"
        } catch let error as LloydError { return "\(error)" } catch { return "another error: \(error)" }
    }

    @Test(arguments: sizes, [ResidualCodec.Coding.fixedLength, .entropy])
    func everyPrefixOfTheLayersComesBack(sizes: Sizes, coding: ResidualCodec.Coding) throws {
        let folder = try ScratchFolder()
        let run = try writeRun(folder, sizes)
        for layers in Set([1, (sizes.layers + 1) / 2, sizes.layers]) {
            let codec = ResidualCodec(try ResidualModel(runFolder: run, layers: layers))
            let coded = try codec.encode(image(sizes), coding: coding)
            #expect(coded.indices.count == layers)
            let data = coded.file.data
            #expect(Double(data.count) <= 1.01 * coded.estimatedBits / 8 + 40)
            let file = try CodedFile(data, name: "file", kinds: [.residual])
            // The decoder knows no more than what the file says.
            let decoder = ResidualCodec(try ResidualModel(runFolder: run, layers: file.parameters[1]))
            for wanted in 1...layers {
                let decoded = try decoder.decode(file, layers: wanted, name: "file")
                #expect(decoded.indices == Array(coded.indices.prefix(wanted)))
                #expect(decoded.image.pngData() == codec.model.image(of: decoded.indices).pngData())
            }
            #expect(try decoder.decode(file, name: "file").image.pngData() == codec.reconstruction(coded).pngData())
        }
    }

    /// With orthonormal steps, the reconstruction is the closest that the first layers' codewords allow.
    @Test func moreLayersAreCloser() throws {
        let folder = try ScratchFolder()
        let sizes = Self.sizes[0]
        let model = try ResidualModel(runFolder: writeRun(folder, sizes), layers: nil)
        let original = image(sizes)
        let indices = model.indices(of: original)
        for layers in 1...sizes.layers {
            let made = model.image(of: Array(indices.prefix(layers)))
            let error = squaredError(original, made)
            // The residual of every layer is what the codeword left of the one before: any other would leave more.
            var other = indices
            other[layers - 1] = (indices[layers - 1] + 1) % Int32(sizes.codewords)
            let worse = model.image(of: Array(other.prefix(layers)))
            let larger = squaredError(original, worse)
            #expect(error <= larger * (1 + 1e-5))
        }
    }

    /// Whatever is left of a file gives the layers that are in it, when asked for; otherwise it is an error.
    @Test(arguments: [ResidualCodec.Coding.fixedLength, .entropy])
    func aFileThatWasCutShortGivesItsFirstLayers(coding: ResidualCodec.Coding) throws {
        let folder = try ScratchFolder()
        let sizes = Self.sizes[3]
        let codec = ResidualCodec(try ResidualModel(runFolder: writeRun(folder, sizes), layers: nil))
        let coded = try codec.encode(image(sizes), coding: coding)
        let data = coded.file.data
        var most = 0
        for count in 0..<data.count {
            let part = data.prefix(count)
            // A file may end where a chunk begins.
            if let file = try? CodedFile(part, name: "part", kinds: [.residual]) { #expect(file.chunks.isEmpty) }
            guard let file = try? CodedFile(part, name: "part", kinds: [.residual], allowingCutShort: true) else {
                continue
            }
            #expect(message { _ = try codec.decode(file, name: "part") }.contains("cut short"))
            // A longer part has no fewer layers.
            while most <= sizes.layers {
                guard let decoded = try? codec.decode(file, layers: max(most, 1), name: "part") else { break }
                #expect(decoded.indices == Array(coded.indices.prefix(decoded.indices.count)))
                most = decoded.indices.count + 1
            }
            if most > 1 { _ = try codec.decode(file, layers: most - 1, name: "part") }
        }
        #expect(most > sizes.layers / 2)
    }

    @Test func damageIsAlwaysAnError() throws {
        let folder = try ScratchFolder()
        let sizes = Self.sizes[0]
        let codec = ResidualCodec(try ResidualModel(runFolder: writeRun(folder, sizes), layers: nil))
        for coding in [ResidualCodec.Coding.fixedLength, .entropy] {
            let data = try codec.encode(image(sizes), coding: coding).file.data
            for index in data.indices {
                for bit in 0..<8 {
                    var damaged = data
                    damaged[index] ^= 1 << UInt8(bit)
                    let said = message {
                        _ = try codec.decode(
                            CodedFile(damaged, name: "damaged.lloyd", kinds: [.residual]), name: "damaged.lloyd")
                    }
                    #expect(said.contains("damaged.lloyd"), "byte \(index), bit \(bit): \(said)")
                    // Unchecked, a stream may give other layers, but never more than there are.
                    _ = message {
                        let file = try CodedFile(
                            damaged.dropLast(), name: "part", kinds: [.residual], allowingCutShort: true)
                        _ = try codec.decode(file, layers: sizes.layers, name: "part")
                    }
                }
            }
            // Whole by its checksums, but no list of codewords.
            var file = try CodedFile(data, name: "file", kinds: [.residual])
            for chunk in [Data(), Data([1, 2]), file.chunks[0] + Data([0]), Data(file.chunks[0].dropLast())] {
                file.chunks = [chunk]
                #expect(message { _ = try codec.decode(file, name: "file") }.contains("not a list of 6 codewords"))
            }
            file.chunks = []
            #expect(message { _ = try codec.decode(file, name: "file") }.contains("cut short"))
            file.chunks = [Data(), Data()]
            #expect(message { _ = try codec.decode(file, name: "file") }.contains("2 chunks"))
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let folder = try ScratchFolder()
        let sizes = Self.sizes[0]
        let run = try writeRun(folder, sizes)
        let codec = ResidualCodec(try ResidualModel(runFolder: run, layers: nil))
        let coded = try codec.encode(image(sizes))
        func decoding(_ other: String, _ layers: Int? = nil, wanted: Int? = nil) -> String {
            message {
                let codec = ResidualCodec(try ResidualModel(runFolder: other, layers: layers))
                _ = try codec.decode(coded.file, layers: wanted, name: "file")
            }
        }
        let foreign = try writeRun(folder, sizes, name: "other", seed: 2)
        #expect(decoding(run) == "accepted")
        #expect(decoding(foreign).contains("was made with other layers than the first 6 of \(foreign)"))
        #expect(decoding(run, 5).contains("was made with other layers"))
        #expect(decoding(run, 7).contains("holds 6 layers, not the 7 asked for"))
        #expect(decoding(run, wanted: 7).contains("ask for 1 to 6"))
        #expect(decoding(run, wanted: 0).contains("ask for 1 to 6"))
        #expect(decoding(folder / "nothing").contains("transform.safetensors"))
        let small = image(Sizes(width: 15, height: 12, layers: 1, codewords: 1))
        #expect(message { _ = try codec.encode(small, name: "small.png") }.contains("small.png"))
        var other = coded.file
        other.kind = .vectorTransform
        #expect(message { _ = try codec.decode(other, name: "file") }.contains("not of an RRQ run"))

        // Without counts there is fixed length, in files that are the same with and without.
        let uncounted = try writeRun(folder, sizes, name: "uncounted", counts: false)
        let plain = ResidualCodec(try ResidualModel(runFolder: uncounted, layers: nil))
        #expect(!plain.model.hasCounts)
        #expect(message { _ = try plain.encode(image(sizes)) }.contains("--resume"))
        let fixed = try plain.encode(image(sizes), coding: .fixedLength)
        #expect(try codec.decode(fixed.file, name: "file").indices == coded.indices)
        #expect(decoding(uncounted).contains("was made with other layers"))
    }

    @Test func theTransformComesBackFromItsFile() throws {
        let folder = try ScratchFolder()
        for sizes in Self.sizes {
            let path = try writeRun(folder, sizes, name: "run\(sizes.width)") + "/" + TransformFile.name
            let read = try TransformFile.read(path)
            try TransformFile.write(read, to: folder / "again")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(folder.bytes(of: "again")))
            #expect(read.subbands.bands.count == read.bases.count || !sizes.hasBases)
        }
        // Any damage that changes what the file says of itself is an error, and none ends the program.
        let data = try folder.bytes(of: "run16/\(TransformFile.name)")
        for index in stride(from: 0, to: 600, by: 3) {
            var damaged = data
            damaged[index] ^= 0x15
            try folder.write(damaged, to: "damaged")
            _ = try? TransformFile.read(folder / "damaged")
        }
        for count in stride(from: 0, to: data.count, by: 97) {
            try folder.write(data.prefix(count), to: "short")
            #expect(throws: LloydError.self) { try TransformFile.read(folder / "short") }
        }
    }
}
