import Datasets
import Foundation
import MethodKit
import Numerics
import Quantization

/// Writes codebooks in forms that other programs read: .npy files, or one safetensors file.
///
///     let export = CodebookExport(selection: selection, format: .npy, dense: false)
///     let files = try export.write(to: "exported", overwriting: false)
///     files[0].path                                           // "exported/layer-0001-values.npy"
///     files[0].shape                                          // [256, 7]
///
/// Sparse, a layer is its codewords' entries on the active dimensions (K x active, float32) and the list of these
/// (int32, ascending, from 0). Dense, it is one K x dimension matrix of float32. Numbers are copied bit for bit.
struct CodebookExport {
    typealias Format = ExportRequest.Format

    /// An array that was written.
    struct Written: Sendable, Codable {
        /// From 1.
        var layer: Int
        var path: String
        /// The tensor's name in a safetensors file; nil in .npy.
        var tensor: String?
        var type: String
        var shape: [Int]
    }

    let selection: CodebookSelection
    let format: Format
    /// Whether codewords are whole, zeros included.
    let dense: Bool

    init(selection: CodebookSelection, format: Format, dense: Bool) {
        self.selection = selection
        self.format = format
        self.dense = dense
    }

    /// Bytes of the arrays that will be written.
    var bytes: Int {
        selection.entries.values.reduce(0) { sum, entry in
            sum + 4 * (dense ? entry.codewords * entry.dimension : (entry.codewords + 1) * entry.active)
        }
    }

    /// Writes all layers into `folder`, which is made if it is missing.
    /// - Parameters:
    ///   - overwriting: whether files that exist may be replaced.
    ///   - inputs: files and folders that are never replaced.
    /// - Throws: `LloydError` if a file exists already, is an input or cannot be written, or if one safetensors file would
    ///   not fit into memory.
    func write(to folder: String, overwriting: Bool, inputs: [String] = []) throws -> [Written] {
        let planned = planned(folder)
        if !overwriting, let existing = planned.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
            throw LloydError(
                path: existing.path, problem: "exists already", remedy: "choose another --out, or add --overwrite")
        }
        if format == .safetensors, let memory = Machine().memory, bytes > memory / 2 {
            throw LloydError(
                path: folder + "/" + Self.fileName,
                problem: "would hold \(bytes >> 20) MiB, too many to put together in this machine's memory",
                remedy: "use --format npy, leave --dense out, or choose fewer --layers")
        }
        try OutputFile.makeFolder(folder)
        for path in Set(planned.map(\.path)) { try OutputFile.check(path, against: inputs) }
        if format == .safetensors { try writeTogether(folder) } else { try writeArrays(folder) }
        return planned
    }

    static let fileName = "codebooks.safetensors"

    private func stem(_ layer: Int) -> String { "layer-\(String(format: "%04d", layer))" }

    /// The arrays in the order in which they are reported.
    private func planned(_ folder: String) -> [Written] {
        selection.layers.flatMap { layer -> [Written] in
            let entry = selection.entries[layer]!
            let arrays: [(String, String, [Int])] =
                dense
                ? [("dense", "float32", [entry.codewords, entry.dimension])]
                : [("values", "float32", [entry.codewords, entry.active]), ("active", "int32", [entry.active])]
            return arrays.map { name, type, shape in
                let isTogether = format == .safetensors
                return Written(
                    layer: layer, path: folder + "/" + (isTogether ? Self.fileName : "\(stem(layer))-\(name).npy"),
                    tensor: isTogether ? "\(stem(layer)).\(name)" : nil, type: type, shape: shape)
            }
        }
    }

    private func writeArrays(_ folder: String) throws {
        for layer in selection.layers {
            let codebook = try selection.read(layer: layer)
            let path = folder + "/" + stem(layer)
            if dense {
                try NumPyFile.write(Self.denseMatrix(codebook), to: path + "-dense.npy")
            } else {
                try NumPyFile.write(codebook.values, to: path + "-values.npy")
                try NumPyFile.write(codebook.active, to: path + "-active.npy")
            }
        }
    }

    private func writeTogether(_ folder: String) throws {
        var tensors: [String: Tensor] = [:]
        for layer in selection.layers {
            let codebook = try selection.read(layer: layer)
            if dense {
                tensors[stem(layer) + ".dense"] = Tensor(Self.denseMatrix(codebook))
            } else {
                tensors[stem(layer) + ".values"] = Tensor(codebook.values)
                tensors[stem(layer) + ".active"] = Tensor(codebook.active)
            }
        }
        let dimension = selection.entries[selection.layers[0]]!.dimension
        try SafeTensors.write(
            tensors,
            metadata: [
                "format": "lloyd-codebooks-1", "dimension": "\(dimension)", "layers": "\(selection.layers.count)",
                "form": dense ? "dense" : "sparse",
            ], to: folder + "/" + Self.fileName)
    }

    /// K x dimension, zero outside the active dimensions.
    static func denseMatrix(_ codebook: SparseCodebook) -> Matrix {
        let matrix = Matrix(rows: codebook.codewords, columns: codebook.dimension)
        let active = codebook.active.count
        for codeword in 0..<codebook.codewords {
            codebook.scatter(
                codebook.values.pointer + codeword * active, into: matrix.pointer + codeword * codebook.dimension)
        }
        return matrix
    }
}
