import Core
import Datasets
import Foundation
import Quantization

/// The layers of a finished run as its folder holds them: pre-processing, codebooks, and how often codewords were taken.
///
///     let layers = try TrainedLayers(runFolder: "runs/sift", count: 8)      // nil for all there are
///     layers.codebooks.count                                  // 8
///     layers.transform.dimension                              // 128
struct TrainedLayers {
    let runFolder: String
    let transform: DecorrelatingTransform
    let codebooks: [SparseCodebook]
    /// Training vectors that took each codeword; nil for a layer whose file does not say.
    let usages: [[UInt64]?]
    /// Checksums of pre-processing and codebooks, and of the counts, too.
    let fingerprints: (plain: UInt64, counted: UInt64)

    /// - Parameter wanted: how many layers, from the first; nil for all.
    /// - Throws: `LloydError` for a run without its pre-processing or so many layers, or a damaged file of it.
    init(runFolder: String, count wanted: Int?) throws {
        self.runFolder = runFolder
        let path = runFolder + "/" + TransformFile.name
        guard FileManager.default.fileExists(atPath: path) else {
            throw LloydError(
                path: path, problem: "is missing: the run says how its vectors are quantized, but not what they mean",
                remedy:
                    "finish the run, or run it again with `lloyd train CONFIG --run \(runFolder) --resume`: versions "
                    + "before this one did not keep it")
        }
        transform = try TransformFile.read(path)
        var hash = Fingerprint()
        try Self.add(SafeTensors(path), to: &hash)
        var codebooks: [SparseCodebook] = []
        var usages: [[UInt64]?] = []
        while wanted.map({ codebooks.count < $0 }) ?? true {
            let path = runFolder + "/" + CodebookFile.name(layer: codebooks.count + 1)
            guard FileManager.default.fileExists(atPath: path) else { break }
            let codebook = try CodebookFile.read(path)
            guard codebook.dimension == transform.dimension else {
                throw LloydError(
                    path: path,
                    problem: "has dimension \(codebook.dimension), the run's vectors \(transform.dimension)",
                    remedy: "copy the run folder again")
            }
            hash.add("layer \(codebooks.count + 1)")
            codebook.active.withUnsafeBytes { hash.add(Data($0)) }
            hash.add(
                Data(
                    bytesNoCopy: codebook.values.pointer, count: codebook.values.count * MemoryLayout<Float>.size,
                    deallocator: .none))
            codebooks.append(codebook)
            usages.append(try CodebookFile.usage(path))
        }
        guard !codebooks.isEmpty, wanted.map({ codebooks.count == $0 }) ?? true else {
            throw LloydError(
                path: runFolder,
                problem: codebooks.isEmpty
                    ? "holds no codebooks" : "holds \(codebooks.count) layers, not the \(wanted ?? 0) asked for",
                remedy: codebooks.isEmpty ? "name the run folder of a `lloyd train` with method rrq" : "ask for fewer")
        }
        self.codebooks = codebooks
        self.usages = usages
        let plain = hash.value
        for case let usage? in usages { usage.withUnsafeBytes { hash.add(Data($0)) } }
        fingerprints = (plain, hash.value)
    }

    private static func add(_ file: SafeTensors, to hash: inout Fingerprint) throws {
        for (key, value) in file.metadata.sorted(by: { $0.key < $1.key }) {
            hash.add(key)
            hash.add(value)
        }
        for name in file.names {
            hash.add(name)
            try hash.add(file.tensor(name).bytes)
        }
    }
}
