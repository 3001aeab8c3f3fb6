// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func jsonTextExample() {
    let text = "{" + JSONText.quoted("a \"b\"") + ": 1}"   // {"a \"b\"": 1}
}
