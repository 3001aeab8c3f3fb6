import CodebookStudy
import Codec
import Core
import Datasets
import Foundation
import MethodKit
import NVTC
import RRQ
import Reporting
import ToySources
import YAMLReading

/// A parser that fuzzing tries, and how it is given a file.
///
///     let target = try FuzzTarget.Prepared(.npy, folder: "/dev/shm/fuzz")
///     try target.read("/dev/shm/fuzz/input.npy")               // a LloydError, or nothing: never anything else
enum FuzzTarget: String, CaseIterable {
    case png, jpeg, pnm, npy, fvecs, safetensors, tar, lloyd, yaml, record, curves

    /// The ending of the file, where the parser goes by it.
    var ending: String {
        switch self {
        case .record, .curves: "json"
        case .jpeg: "jpg"
        default: rawValue
        }
    }

    /// Words of the format, which mutations put in.
    var words: [String] {
        switch self {
        case .png: ["IHDR", "IDAT", "PLTE", "tRNS", "IEND", "iCCP", "gAMA", "CgBI", "acTL"]
        case .jpeg: ["\u{00}", "JFIF", "Exif", "Adobe"]
        case .pnm: ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "#", "\n", "65536", "255", "1 1"]
        case .npy:
            ["'descr': ", "'fortran_order': ", "'shape': ", "True", "False", "(", ",)", "L", "<f4", ">i8", "|O", "["]
        case .fvecs: []
        case .safetensors:
            [
                "__metadata__", "\"dtype\":", "\"shape\":[", "\"data_offsets\":[", "F32", "BF16", "I64", "null", "[",
                "{",
                "\"format\":\"lloyd-transform-1\"", "1152921504606846976",
            ]
        case .tar:
            ["ustar\u{0}00", "ustar  \u{0}", "path=", "size=", "././@LongLink", "GNU.sparse.", "../", "x", "L", "g"]
        case .lloyd: []
        case .yaml:
            [
                "&a ", "*a", "!!int ", "- ", ": ", "? ", "|\n", ">\n", "<<: ", "{", "[", "%YAML 1.2\n", "---\n", "010",
                "1:30",
            ]
        case .record, .curves:
            ["NaN", "Infinity", "null", "true", "[", "{", "}", "]", ",", ":", "\"\\ud800\"", "1e999", "-1"]
        }
    }

    /// A target with what its parser needs beside the file.
    struct Prepared {
        let target: FuzzTarget
        private let folder: String
        private let codec: VectorTransformCodec?

        init(_ target: FuzzTarget, folder: String) throws {
            self.target = target
            self.folder = folder
            codec = target == .lloyd ? try VectorTransformCodec(NVTCModelFile(FuzzSeeds.model(in: folder))) : nil
            if target == .record {
                try Data("method: rrq\n".utf8).write(to: URL(fileURLWithPath: folder + "/config.yaml"))
                try Data(FuzzSeeds.accounting.utf8).write(to: URL(fileURLWithPath: folder + "/accounting.json"))
            }
        }

        /// Where the parser looks for the file.
        var input: String { target == .record ? folder + "/record.json" : folder + "/input." + target.ending }

        /// Reads the file as the program would.
        /// - Throws: the error that the program would report. Anything else than a `LloydError` is a finding.
        func read() throws {
            switch target {
            case .png, .jpeg, .pnm: _ = try Image(path: input, pixelLimit: 1 << 22)
            case .npy: try readVectors(NumPyVectors(input))
            case .fvecs: try readVectors(FVecsVectors(input))
            case .safetensors:
                let file = try SafeTensors(input)
                for name in file.names.prefix(64) {
                    _ = try? file.tensor(name).convertedFloats()
                    _ = try? file.matrix(name)
                }
                // As a forger would have it, whose fingerprint fits: the sizes that the file states are believed.
                if let text = file.metadata["architecture"],
                    let sizes = try? JSONDecoder().decode(NVTCArchitecture.self, from: Data(text.utf8)), sizes.isSound
                {
                    _ = try? ReferenceWeights.model(sizes, from: file)
                }
                _ = try FuzzSeeds.readAll(input)
            case .tar:
                let images = try ImageFolder(input, color: .gray)
                var row = [Float](repeating: 0, count: images.dimension)
                for item in 0..<min(images.count, 4) {
                    try row.withUnsafeMutableBufferPointer { try images.read(item, into: $0) }
                }
            case .lloyd:
                _ = try codec?.decode(
                    CodedFile(path: input, kinds: [.vectorTransform], pixelLimit: 1 << 18), name: input)
            case .yaml:
                do {
                    guard let node = try YAMLText.node(of: YAMLText.read(input)) else { return }
                    for (_, value) in node.mapping ?? [:] {
                        guard let text = value.scalar?.string else { continue }
                        _ = (YAMLNumber.integer(text), YAMLNumber.real(text), YAMLNumber.objection(text))
                    }
                } catch let fault as YAMLText.Fault {
                    throw LloydError(.input, at: input, problem: fault.problem, remedy: fault.remedy)
                }
            case .record:
                let methods: [any Method.Type] = [
                    RRQMethod.self, CodebookStudyMethod.self, ToyStudyMethod.self, NVTCMethod.self,
                ]
                let contents = try RunContents(folder: folder, schema: Schema(methods))
                func finish<M: Method>(_ method: M.Type) throws { _ = try contents.finished(method) }
                try finish(contents.method)
            case .curves:
                _ = try? PublishedToyCurves(path: input)
                _ = try PublishedCodecs(path: input)
            }
        }

        private func readVectors(_ source: some VectorSource) throws {
            guard source.dimension <= 1 << 20 else { return }
            var row = [Float](repeating: 0, count: source.dimension)
            for item in 0..<min(source.count, 8) {
                try row.withUnsafeMutableBufferPointer { try source.read(item, into: $0) }
            }
        }
    }
}
