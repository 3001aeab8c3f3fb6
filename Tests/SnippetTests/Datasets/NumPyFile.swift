// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Foundation
import Numerics

private func numPyFileExample(codebook: Matrix, assignments: [Int32], values: [Float]) throws {
    try NumPyFile.write(codebook, to: "codebook.npy")                     // a Matrix: rows x columns of float32
    try NumPyFile.write(assignments, to: "assignments.npy")               // [Int32]: one dimension
    try NumPyFile.write(values, shape: [10, 3, 3], to: "kernels.npy")
}

private func numPyFileInPiecesExample(blocks: [Data]) throws {
    try NumPyFile.write(UInt8.self, rows: 1_000_000, columns: 8, to: "codes.npy") { file in
        for block in blocks { try file.append(block) }   // a million rows in all
    }
}
