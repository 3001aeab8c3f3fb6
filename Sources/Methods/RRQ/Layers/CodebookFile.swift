import Datasets
import Foundation
import Numerics
import Quantization

/// One layer's codebook on disk: safetensors with the active dimensions and a dense K x active matrix.
///
///     try CodebookFile.write(trained, layer: 1, to: "codebooks/layer-0001.safetensors")
///     let codebook = try CodebookFile.read("codebooks/layer-0001.safetensors")
///
/// Tensors: "active" (I32, ascending), "values" (F32, codewords x active), "usage" (I64: training vectors that took each
/// codeword; files of earlier versions have none). Metadata: layer, dimension, codewords, and a checksum of the tensors.
package enum CodebookFile {
    /// The folder of the codebooks in a run folder.
    static let folderName = "codebooks"

    /// The file's path in a run folder; `layer` counts from 1.
    package static func name(layer: Int) -> String { folderName + "/" + fileName(layer: layer) }

    static func fileName(layer: Int) -> String { "layer-\(String(format: "%04d", layer)).safetensors" }

    /// Writes the codebook of a layer. The same codebook gives the same bytes.
    /// - Parameters:
    ///   - usage: how many training vectors took each codeword; nil leaves it out.
    ///   - layer: from 1.
    /// - Throws: `LloydError` if the file cannot be written.
    package static func write(
        _ codebook: SparseCodebook, usage: [Int64]? = nil, layer: Int, to path: String
    ) throws {
        var tensors = ["active": Tensor(codebook.active), "values": Tensor(codebook.values)]
        if let usage {
            precondition(usage.count == codebook.codewords)
            tensors["usage"] = Tensor(usage)
        }
        try SafeTensors.write(
            tensors,
            metadata: [
                "format": "lloyd-codebook-1", "layer": "\(layer)", "dimension": "\(codebook.dimension)",
                "codewords": "\(codebook.codewords)", "checksum": checksum(tensors),
            ], to: path)
    }

    private static func checksum(_ tensors: [String: Tensor]) -> String {
        var hash = Fingerprint()
        for name in tensors.keys.sorted() { hash.add(tensors[name]!.bytes) }
        return String(hash.value, radix: 16)
    }

    /// Reads a codebook, and checks it.
    /// - Throws: `LloydError` if the file is damaged or does not hold a codebook.
    package static func read(_ path: String) throws -> SparseCodebook {
        let file = try SafeTensors(path)
        func fault(_ problem: String) -> LloydError {
            LloydError(path: path, problem: problem, remedy: "use a codebook that `lloyd train` wrote")
        }
        guard file.metadata["format"] == "lloyd-codebook-1", let text = file.metadata["dimension"],
            let dimension = Int(text), dimension > 0
        else { throw fault("is not a codebook: its metadata lack format and dimension") }
        if let wanted = file.metadata["checksum"] {
            var tensors: [String: Tensor] = [:]
            for name in file.names { tensors[name] = try file.tensor(name) }
            guard wanted == checksum(tensors) else { throw fault("is damaged: its checksum does not fit") }
        }
        let active = try file.elements("active", as: Int32.self)
        let values = try file.matrix("values")
        guard values.rows >= 1, values.columns == active.count else {
            throw fault("holds \(active.count) active dimensions but codewords of \(values.columns)")
        }
        guard zip(active, active.dropFirst()).allSatisfy({ $0 < $1 }), active.allSatisfy({ $0 >= 0 && $0 < dimension })
        else { throw fault("lists active dimensions that do not ascend within 0..<\(dimension)") }
        guard values.storage.elements.prefix(values.count).allSatisfy(\.isFinite) else {
            throw fault("holds a codeword that is not finite")
        }
        let codebook = SparseCodebook(dimension: dimension, active: active, codewords: values.rows)
        codebook.values.pointer.update(from: values.pointer, count: values.count)
        return codebook
    }

    /// How many training vectors took each codeword of a layer; nil in a file that does not say.
    /// - Throws: `LloydError` if the file is damaged or does not hold a codebook.
    package static func usage(_ path: String) throws -> [UInt64]? {
        let file = try SafeTensors(path)
        guard file.contains("usage") else { return nil }
        let usage = try file.elements("usage", as: Int64.self)
        guard usage.count == file.description(of: "values")?.shape.first, usage.allSatisfy({ $0 >= 0 }) else {
            throw LloydError(
                path: path, problem: "holds counts that do not fit its codewords",
                remedy: "use a codebook that `lloyd train` wrote")
        }
        return usage.map(UInt64.init)
    }
}
