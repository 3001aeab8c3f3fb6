import Codec
import Datasets
import Foundation
import NVTC
import Numerics
import Quantization
import RRQ

/// A file that fuzzing starts from, and whether its parser has to read it. The others are there for their errors: forms of
/// the format that are refused.
struct FuzzSeed {
    let bytes: [UInt8]
    let isRead: Bool

    init(_ bytes: [UInt8], isRead: Bool = true) {
        self.bytes = bytes
        self.isRead = isRead
    }

    init(_ text: String, isRead: Bool = true) { self.init(Array(text.utf8), isRead: isRead) }
}

/// The files that fuzzing starts from: small ones of every parser's format, made here.
///
/// ```text
/// try FuzzSeeds.files(.npy, folder: folder)                // [FuzzSeed]
/// ```
enum FuzzSeeds {
    /// - Parameter folder: for files while they are made.
    static func files(_ target: FuzzTarget, folder: String) throws -> [FuzzSeed] {
        func written(_ name: String, _ write: (String) throws -> Void) throws -> FuzzSeed {
            let path = folder + "/seed-" + name
            try write(path)
            defer { unlink(path) }
            return FuzzSeed([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        func image(_ channels: Int, side: Int = 12) throws -> Image {
            let leaves = DeadLeaves(count: 1, width: side, height: side, channels: channels, seed: 7)
            return try VectorImages(leaves).image(0)
        }
        switch target {
        case .png: return try [1, 3].map { FuzzSeed([UInt8](try image($0).pngData())) }
        case .jpeg: return [grayJPEG, colorJPEG].map { FuzzSeed([UInt8](Data(base64Encoded: $0) ?? Data())) }
        case .pnm:
            return try [1, 3].map { FuzzSeed([UInt8](try image($0).pnmData())) } + [
                FuzzSeed("P2\n# a comment\n3 2\n255\n1 2 3\n4 5 255\n"), FuzzSeed("P3 1 1 65535 1 2 3\n"),
            ]
        case .npy:
            let numbers: [Float] = (0..<24).map { Float($0) - 3.5 }
            return [
                try written("a.npy") { try NumPyFile.write(numbers, shape: [6, 4], to: $0) },
                try written("b.npy") { try NumPyFile.write([Int32](0..<24), shape: [4, 6], to: $0) },
                try written("c.npy") { try NumPyFile.write([UInt8](0..<24), shape: [24, 1], to: $0) },
                FuzzSeed(
                    npy(
                        "{'descr': '>f8', 'fortran_order': False, 'shape': (2L, 1L), }",
                        [UInt8](repeating: 63, count: 16), version: 2)),
                // Neither records nor columns one after another are read.
                FuzzSeed(
                    npy(
                        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }",
                        [UInt8](repeating: 0, count: 8), version: 3), isRead: false),
                FuzzSeed(
                    npy(
                        "{u'descr': 'float16', 'fortran_order': True, 'shape': (2, 2), }",
                        [UInt8](repeating: 0, count: 8), version: 1), isRead: false),
            ]
        case .fvecs:
            return [2, 5].map { dimension in
                let vector = bytes(Int32(dimension)) + (0..<dimension).flatMap { bytes(Float($0).bitPattern) }
                return FuzzSeed(Array(repeating: vector, count: 4).flatMap { $0 })
            }
        case .safetensors: return try tensorFiles(written)
        case .tar:
            let png = [UInt8](try image(1).pngData())
            let archives: [[TarMember]] = [
                [("a.png", "0", png), ("b/c.png", "0", png)],
                [
                    ("PaxHeader", "x", Array("22 path=long/name.png\n".utf8)), ("n.png", "0", png),
                    ("x.txt", "0", [65]),
                ],
                [
                    ("././@LongLink", "L", Array("very/long/name.pgm\u{0}".utf8)),
                    ("v", "0", [UInt8](try image(1).pnmData())),
                ],
            ]
            return archives.map { FuzzSeed(tar($0)) }
        case .lloyd:
            let codec = try VectorTransformCodec(NVTCModelFile(model(in: folder)))
            return try [1, 3].map { FuzzSeed([UInt8](try codec.encode(try image($0, side: 40)).file.data)) }
        case .yaml: return yaml
        case .record: return records
        case .curves: return curves
        }
    }

    private static func tensorFiles(
        _ written: (String, (String) throws -> Void) throws -> FuzzSeed
    ) throws -> [FuzzSeed] {
        var settings = DecorrelatingTransform.Settings()
        settings.bandSize = 8
        settings.principalComponents = false
        let shape = ImageShape(width: 4, height: 3, channels: 1)
        let transform = DecorrelatingTransform(shape: shape, dimension: 12, settings: settings)
        let plain: [String: Tensor] = [
            "a": Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]), "b": Tensor([1, 2] as [Int64]),
            "c": Tensor([7] as [UInt8]), "empty": Tensor([] as [Float], shape: [0, 4]),
        ]
        let codebook = SparseCodebook(dimension: 5, active: [0, 3], codewords: 2)
        return [
            try written("a.safetensors") { try SafeTensors.write(plain, metadata: ["k": "v"], to: $0) },
            try written("t.safetensors") { try TransformFile.write(transform, to: $0) },
            try written("c.safetensors") { try CodebookFile.write(codebook, usage: [1, 2], layer: 1, to: $0) },
            try written("m.safetensors") { try writeModel($0, width: 2) },
        ]
    }

    // MARK: Models

    /// The path of a small model with random weights, which coded files are of.
    static func model(in folder: String) throws -> String {
        let path = folder + "/nvtc-256.safetensors"
        if !FileManager.default.fileExists(atPath: path) { try writeModel(path, width: 8) }
        return path
    }

    private static func writeModel(_ path: String, width: Int) throws {
        var architecture = NVTCArchitecture.paper
        architecture.stages.removeLast()
        for stage in architecture.stages.indices {
            architecture.stages[stage].width = width
            architecture.stages[stage].layers = 1
            architecture.stages[stage].units = 1
            architecture.stages[stage].codewords = 8
            architecture.stages[stage].priorLevels = 4
            architecture.stages[stage].block = 2
        }
        architecture.scalingBlocks = 1
        architecture.priorWidth = 4
        architecture.priorBlocks = 1
        try NVTCModelFile.write(
            NVTCModel(architecture, seed: 1), lambda: 256, steps: 0, isRateConstrained: true, to: path)
    }

    // MARK: Bytes

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func npy(_ header: String, _ content: [UInt8], version: UInt8) -> [UInt8] {
        let text = Array((header + "\n").utf8)
        let length = version == 1 ? bytes(UInt16(text.count)) : bytes(UInt32(text.count))
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + content
    }

    private typealias TarMember = (name: String, type: Character, content: [UInt8])

    private static func tar(_ members: [TarMember]) -> [UInt8] {
        var all: [UInt8] = []
        for member in members {
            var block = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, _ start: Int) {
                block.replaceSubrange(start..<start + text.utf8.count, with: text.utf8)
            }
            put(member.name, 0)
            put("0000644\u{0}0000000\u{0}0000000\u{0}", 100)
            let size = String(member.content.count, radix: 8)
            put(String(repeating: "0", count: 11 - size.count) + size, 124)
            put("00000000000", 136)
            block[156] = member.type.asciiValue ?? 0x30
            put("ustar\u{0}00", 257)
            all += FuzzRepair.tarChecksum(block) + member.content
            all += [UInt8](repeating: 0, count: (512 - member.content.count % 512) % 512)
        }
        return all + [UInt8](repeating: 0, count: 1024)
    }

    private static let grayJPEG = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAx
        NDQ0Hyc5PTgyPC4zNDL/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF
        BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW
        V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi
        4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOF8L6V9z5a9o8L6V9z5a//Z
        """.replacing("\n", with: "")
    private static let colorJPEG = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6j
        q62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk
        pKSkpKSkpKT/wgARCAAIABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAVAQEBAAAAAAAAAAAAAAAAAAABBP/a
        AAwDAQACEAMQAAABhYnP/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAED/9oACAEBAAEFAlMUz//EABcRAAMBAAAAAAAAAAAAAAAAAAAB
        AgP/2gAIAQMBAT8Bztn/xAAVEQEBAAAAAAAAAAAAAAAAAAAAEf/aAAgBAgEBPwGv/8QAFBABAAAAAAAAAAAAAAAAAAAAEP/aAAgB
        AQAGPwI//8QAFRABAQAAAAAAAAAAAAAAAAAAAGH/2gAIAQEAAT8hEH//2gAMAwEAAgADAAAAEAv/xAAVEQEBAAAAAAAAAAAAAAAA
        AAAAUf/aAAgBAwEBPxC1/8QAFhEAAwAAAAAAAAAAAAAAAAAAAAER/9oACAECAQE/ELZ//8QAFRABAQAAAAAAAAAAAAAAAAAAEGH/
        2gAIAQEAAT8Qkb//2Q==
        """.replacing("\n", with: "")
}
