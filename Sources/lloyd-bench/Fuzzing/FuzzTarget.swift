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
/// ```text
/// let prepared = try FuzzTarget.Prepared(.npy, folder: "/dev/shm/fuzz")
/// try prepared.read()                     // of /dev/shm/fuzz/input.npy: a LloydError, or nothing; never anything else
/// ```
enum FuzzTarget: String, CaseIterable {
    case png, jpeg, pnm, npy, fvecs, safetensors, tar, lloyd, yaml, record, curves

    /// The ending of the file, which some parsers go by.
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
            if target == .record { try Self.writeRun(folder) }
        }

        /// All of a run's folder that its report is made of, but the record.
        private static func writeRun(_ folder: String) throws {
            for name in ["pictures", "partitions"] {
                try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
            }
            for (name, text) in [
                ("config.yaml", "method: rrq\n"), ("accounting.json", FuzzSeeds.accounting),
                ("metrics.csv", FuzzSeeds.metrics),
            ] { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
            let image = Image(width: 4, height: 3, channels: 1, samples: [Float](repeating: 0.5, count: 12))
            try image.writePNG(to: folder + "/pictures/a.png")
            let partition = ToyPartition(
                bounds: .init(x: -1, y: -1, width: 2, height: 2), rows: 2, columns: 2, cells: [0, 0, 1, 1],
                density: [0.1, 0.2, 0.3, 0.4],
                codewords: [.init(x: 0, y: -0.5, probability: 0.25), .init(x: 0, y: 0.5, probability: 0.75)])
            try partition.write(to: folder + "/partitions/a.safetensors")
        }

        /// The path at which the parser looks for the file.
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
                    try attempt { _ = try file.tensor(name).convertedFloats() }
                    try attempt { _ = try file.matrix(name) }
                }
                // As a forger would have it, whose fingerprint fits: the sizes that the file states are believed.
                if let text = file.metadata["architecture"],
                    let sizes = try? JSONDecoder().decode(NVTCArchitecture.self, from: Data(text.utf8)), sizes.isSound
                {
                    try attempt { _ = try ReferenceWeights.model(sizes, from: file) }
                }
                // Whatever reads safetensors as one of the program's own kinds of file.
                try attempt { _ = try TransformFile.read(input) }
                try attempt { _ = try CodebookFile.read(input) }
                try attempt { _ = try CodebookFile.usage(input) }
                try attempt { _ = try NVTCModelFile(input).model() }
                try attempt { _ = try ToyPartition(file: input) }
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
                try report(contents, contents.method)
            case .curves:
                try attempt { _ = try PublishedToyCurves(path: input) }
                _ = try PublishedCodecs(path: input)
            }
        }

        /// For what may be refused without the file being refused: an error that the program reports is as good as none.
        private func attempt(_ body: () throws -> Void) throws {
            do { try body() } catch is LloydError {}
        }

        /// Makes the report of a run, and its comparison with itself, as `lloyd report` and `lloyd compare` do, in memory.
        private func report<M: Method>(_ contents: RunContents, _ method: M.Type) throws {
            let run = try contents.finished(method)
            let report = try method.report(run, ReportOptions())
            _ = (try report.page.html(), report.data.prettyText)
            var other = run
            other.name = "other"
            let comparison = try method.compare([run, other], ReportOptions())
            let codecs = try CodecComparison(
                own: comparison.codecs, sections: comparison.sections, evaluations: [],
                published: comparison.published, reference: nil)
            var page = ReportPage(title: "comparison")
            page.sections = (comparison.codecs.isEmpty ? comparison.sections : []) + codecs.sections()
            page.attachments = try codecs.attachments()
            _ = try page.html()
            for name in [run.name, other.name] { _ = try comparison.data(name).prettyText }
            _ = (page.attachments.map(\.data.prettyText), JSONValue.array(try codecs.data()).prettyText)
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
