// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func compactNumberExample() {
    let file = "models/nvtc-\(compact(64.0)).safetensors"   // models/nvtc-64.safetensors
}
