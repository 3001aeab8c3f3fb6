// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func halfWrittenExample() {
    HalfWritten.isName(".lloyd-partial-4fT0qZk2mWx9")      // true
}
