// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func outputCheckExample() throws {
    try OutputFile.check("photo.lloyd", against: ["photo.png", "model.safetensors"])
    try OutputFile.check("results.json", against: ["photos/"])      // a folder stands for the files within it
}
