// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func printableTextExample() {
    PrintableText.escaped("a\u{1B}[31m\n.png")             // a\x1B[31m\n.png, all of it visible
    PrintableText.escaped(FileName.text([0x61, 0xFF]))     // a\xFF: bytes that are not UTF-8
}
