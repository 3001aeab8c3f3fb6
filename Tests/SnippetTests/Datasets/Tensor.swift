// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics

private func tensorExample(codebook: Matrix, usage: [Int]) {
    let tensor = Tensor(codebook)                             // a Matrix as F32, rows x columns
    let counts = Tensor(usage.map(Int64.init), shape: [usage.count])
    tensor.floats()                                           // [Float], nil for another element type
}
