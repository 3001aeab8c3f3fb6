import Datasets
import Foundation
import Quantization

/// The codebooks that are to be exported: of runs and single files, by layer, each checked before anything is written.
///
///     let selection = try CodebookSelection(inputs: ["runs/faces"], layers: nil)
///     selection.layers                                        // [1, 2, ..., 100]
///     let codebook = try selection.read(layer: 7)
///     codebook.dimension                                      // 32256
///
/// A codebook is read when it is asked for: the selection holds no more than sizes.
struct CodebookSelection {
    /// What is known of a selected codebook.
    struct Entry: Sendable {
        var path: String
        /// Of whole codewords.
        var dimension: Int
        var codewords: Int
        /// Active dimensions.
        var active: Int
    }

    /// By layer, from 1.
    let entries: [Int: Entry]
    var layers: [Int] { entries.keys.sorted() }

    /// - Parameters:
    ///   - inputs: run folders and codebook files.
    ///   - layers: the wanted layers; nil for all there are.
    /// - Throws: `LloydError` for an input that is neither, a damaged codebook, or a layer that is missing in between,
    ///   asked for but not there, or there twice.
    init(inputs: [String], layers wanted: Set<Int>?) throws {
        var entries: [Int: Entry] = [:]
        for input in inputs {
            for (layer, path) in try Self.files(of: input) where wanted?.contains(layer) ?? true {
                if let other = entries[layer] {
                    throw LloydError(
                        path: path, problem: "is layer \(layer), and so is \(other.path)",
                        remedy: "export one run at a time, each to a folder of its own")
                }
                let codebook = try Self.checked(path, layer: layer)
                entries[layer] = Entry(
                    path: path, dimension: codebook.dimension, codewords: codebook.codewords,
                    active: codebook.active.count)
            }
        }
        let missing = (wanted ?? []).subtracting(entries.keys).sorted()
        if let first = missing.first {
            throw LloydError(
                path: inputs.joined(separator: ", "),
                problem: "has no layer \(first)"
                    + (missing.count > 1 ? " (nor \(missing.count - 1) more of those asked for)" : ""),
                remedy: "ask for layers that were trained")
        }
        self.entries = entries
        for (first, second) in zip(self.layers, self.layers.dropFirst())
        where entries[first]!.dimension != entries[second]!.dimension {
            throw LloydError(
                path: entries[second]!.path,
                problem: "has dimension \(entries[second]!.dimension), but \(entries[first]!.path) has "
                    + "\(entries[first]!.dimension)", remedy: "export layers of one run at a time")
        }
    }

    /// The codebook of a selected layer.
    func read(layer: Int) throws -> SparseCodebook { try Self.checked(entries[layer]!.path, layer: layer) }

    private static func checked(_ path: String, layer: Int) throws -> SparseCodebook {
        let found = try number(of: path)
        guard found == layer else {
            throw LloydError(
                path: path, problem: "is layer \(found) by its metadata, but layer \(layer) by its name",
                remedy: "give the file its own name back")
        }
        return try CodebookFile.read(path)
    }

    /// The layer a codebook file says it is.
    private static func number(of path: String) throws -> Int {
        let file = try SafeTensors(path)
        guard let layer = file.metadata["layer"].flatMap({ Int($0) }), (1...9_999_999).contains(layer) else {
            throw LloydError(
                path: path, problem: "is not a codebook: its metadata name no layer",
                remedy: "use a codebook that `lloyd train` wrote")
        }
        return layer
    }

    private static func files(of input: String) throws -> [(layer: Int, path: String)] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: input, isDirectory: &isFolder) else {
            throw LloydError(
                path: input, problem: "does not exist",
                remedy: "name a run folder or one of its codebooks/*.safetensors")
        }
        guard isFolder.boolValue else { return [(try number(of: input), input)] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: input + "/codebooks")) ?? []
        let layers = names.compactMap(layerNumber).sorted()
        guard let last = layers.last else {
            throw LloydError(
                path: input, problem: "holds no codebooks (codebooks/layer-0001.safetensors and so on)",
                remedy: "name the run folder of a `lloyd train` with method rrq")
        }
        if let gap = zip(1..., layers).first(where: { $0 != $1 }) {
            throw LloydError(
                path: input + "/" + CodebookFile.name(layer: gap.0),
                problem: "is missing, though there are layers up to \(last)",
                remedy: "copy the run folder again, or name the files you want one by one")
        }
        return layers.map { ($0, input + "/" + CodebookFile.name(layer: $0)) }
    }

    /// The number in a codebook's file name; nil for any other file.
    private static func layerNumber(_ name: String) -> Int? {
        guard name.hasPrefix("layer-"), name.hasSuffix(".safetensors"),
            let number = Int(name.dropFirst(6).dropLast(12)), number >= 1,
            "codebooks/" + name == CodebookFile.name(layer: number)
        else { return nil }
        return number
    }
}
