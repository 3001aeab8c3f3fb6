// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func fileBytesExample() throws {
    let bytes = try InputFile.read("runs/a/record.json")
    let text = try InputFile.readText("Configs/rrq-demo.yaml", most: 1 << 20)
}
