// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func fileNameExample() {
    let text = FileName.text([0x63, 0x61, 0x66, 0xE9])      // "café" in Latin 1
    FileName.bytes(text)                                    // the same four bytes
    FileName.printable(text)                                // "caf\xE9"
}

private func parentExample() {
    FileName.parent(of: "runs/faces")                       // "runs"
    FileName.parent(of: "/runs")                            // "/"
    FileName.parent(of: "faces")                            // "": the current folder
}
