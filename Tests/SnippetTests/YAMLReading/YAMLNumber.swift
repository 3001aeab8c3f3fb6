// Lines stand as in the doc comments.
// swift-format-ignore-file
import YAMLReading

private func yamlNumberExample() {
    YAMLNumber.integer("0x5eed")                           // 24301
    YAMLNumber.integer("010")                              // nil: 8 in YAML 1.1, 10 in YAML 1.2
    YAMLNumber.objection("1:30")                           // it counts in sixties in YAML 1.1 and is a text in YAML 1.2
}
