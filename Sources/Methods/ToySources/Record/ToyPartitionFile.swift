import Datasets
import Foundation
import Numerics

/// The cells of a quantizer on disk: safetensors that Python reads in one line.
///
///     try partition.write(to: "partitions/ecvq-64.safetensors")
///     let again = try ToyPartition(file: "partitions/ecvq-64.safetensors")
///     // Python: safetensors.numpy.load_file("partitions/ecvq-64.safetensors")["cells"]
///
/// Tensors: "cells" (I32, rows x columns), "density" (F32, rows x columns), "codewords" (F32, K x 2), "probabilities"
/// (F32, K). Metadata: format, x, y, width, height.
extension ToyPartition {
    static let format = "lloyd-partition-1"

    /// Writes it. The same partition gives the same bytes.
    /// - Throws: `LloydError` if the file cannot be written.
    package func write(to path: String) throws {
        try SafeTensors.write(
            [
                "cells": Tensor(cells, shape: [rows, columns]),
                "density": Tensor(density, shape: [rows, columns]),
                "codewords": Tensor(codewords.flatMap { [$0.x, $0.y] }, shape: [codewords.count, 2]),
                "probabilities": Tensor(codewords.map(\.probability)),
            ],
            metadata: [
                "format": Self.format, "x": "\(bounds.x)", "y": "\(bounds.y)", "width": "\(bounds.width)",
                "height": "\(bounds.height)",
            ], to: path)
    }

    /// Reads it, and checks it.
    /// - Throws: `LloydError` if the file is damaged or does not hold a partition.
    package init(file path: String) throws {
        let file = try SafeTensors(path)
        func fault(_ problem: String) -> LloydError {
            LloydError(path: path, problem: problem, remedy: "train the run again: it writes this file")
        }
        func number(_ key: String) throws -> Double {
            guard let value = file.metadata[key].flatMap(Double.init), value.isFinite else {
                throw fault("has no number '\(key)' in its metadata")
            }
            return value
        }
        guard file.metadata["format"] == Self.format else { throw fault("is not a partition: its format is missing") }
        let density = try file.matrix("density")
        let cells = try file.elements("cells", as: Int32.self)
        let codewords = try file.matrix("codewords")
        let probabilities = try file.elements("probabilities", as: Float.self)
        guard cells.count == density.count, codewords.columns == 2, codewords.rows == probabilities.count else {
            throw fault("holds tensors whose shapes do not fit each other")
        }
        guard cells.allSatisfy({ $0 >= 0 && Int($0) < codewords.rows }) else {
            throw fault("holds cells of codewords that it does not have")
        }
        self.init(
            bounds: Bounds(
                x: try number("x"), y: try number("y"), width: try number("width"), height: try number("height")),
            rows: density.rows, columns: density.columns, cells: cells, density: Array(density.storage.elements),
            codewords: probabilities.indices.map {
                Codeword(x: codewords[$0, 0], y: codewords[$0, 1], probability: probabilities[$0])
            })
    }
}
