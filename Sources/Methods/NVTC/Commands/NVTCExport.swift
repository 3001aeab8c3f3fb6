import Core
import Datasets
import Foundation
import MethodKit

/// NVTC models as the published implementation reads them.
///
///     if let models = try NVTCExport(inputs: ["runs/nvtc"]) { try models.write(to: "exported", overwriting: false) }
struct NVTCExport {
    /// One file that was written.
    struct Written: Encodable {
        var path: String
        var lambda: Double
        var tensors: Int
    }

    private let files: [NVTCModelFile]

    /// - Returns: nil if no input is an NVTC model or a run of them: then codebooks are meant.
    /// - Throws: `LloydError` for a model's file that is damaged.
    init?(inputs: [String]) throws {
        let paths = inputs.flatMap(Self.models)
        guard !paths.isEmpty else { return nil }
        files = try paths.map { try NVTCModelFile($0) }
    }

    /// The models that an input stands for.
    static func models(_ input: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: input, isDirectory: &isFolder) else { return [] }
        if !isFolder.boolValue {
            let name = (input as NSString).lastPathComponent
            return name.hasPrefix("nvtc-") || (try? NVTCModelFile(input)) != nil ? [input] : []
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: input + "/models")) ?? []
        return names.filter { $0.hasPrefix("nvtc-") && $0.hasSuffix(".safetensors") }.sorted().map {
            "\(input)/models/\($0)"
        }
    }

    func write(to folder: String, overwriting: Bool) throws -> [Written] {
        try OutputFile.makeFolder(folder)
        return try files.map { file in
            let name = ((file.path as NSString).lastPathComponent as NSString).deletingPathExtension
            let path = "\(folder)/\(name)-reference.safetensors"
            guard overwriting || !FileManager.default.fileExists(atPath: path) else {
                throw LloydError(
                    path: path, problem: "already exists",
                    remedy: "choose another folder, or add --overwrite")
            }
            try OutputFile.check(path, against: files.map(\.path))
            let tensors = ReferenceWeights.tensors(of: try file.model())
            try SafeTensors.write(tensors, metadata: ["format": "pt"], to: path)
            return Written(path: path, lambda: file.lambda, tensors: tensors.count)
        }
    }
}

/// Writes models as the published implementation reads them.
enum NVTCExporter: MethodExporter {
    static func holds(_ inputs: [String]) -> Bool { !inputs.flatMap(NVTCExport.models).isEmpty }

    static func export(_ request: ExportRequest) throws -> ExportResult {
        guard let models = try NVTCExport(inputs: request.inputs) else {
            throw LloydError(
                path: request.inputs.joined(separator: ", "), problem: "holds no NVTC model",
                remedy: "name a run or a model's file")
        }
        let written = try models.write(to: request.folder, overwriting: request.overwriting)
        return ExportResult(
            summary: "\(Config.count(written.count, "model")) to \(request.folder): \(written[0].path) first.",
            list: written)
    }
}
