// Lines stand as in the doc comments.
// swift-format-ignore-file
import YAMLReading

private func yamlTextExample() throws {
    let root = try YAMLText.node(of: "rrq: {layers: 3}")     // nil for an empty text
    try YAMLText.read("my.yaml")                             // LloydError for a large file, or one that is not UTF-8
}
