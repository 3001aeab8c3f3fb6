import CYaml
import Core
import Datasets
import Foundation
import Yams

/// The YAML of a config, checked before it becomes nodes.
///
///     let root = try YAMLText.node(of: "rrq: {layers: 3}")     // nil for an empty text
///     try YAMLText.read("my.yaml")                             // LloydError for a large file, or one that is not UTF-8
///
/// Anchors, aliases and tags are refused: no key needs them, and a few lines of aliases stand for terabytes. So are lists
/// and groups as keys, and nesting deeper than any config has.
public enum YAMLText {
    /// What is wrong with a text, and in which line of it.
    public struct Fault: Error {
        /// The line, counted from 1; nil if the whole text is at fault.
        public var line: Int?
        /// What is wrong, as a predicate of the text.
        public var problem: String
        /// What the user can do, as an imperative.
        public var remedy: String
    }

    /// The most bytes of a config.
    public static let sizeLimit = 1 << 20
    /// The most lists and groups within one another.
    public static let depthLimit = 16

    /// A file's text, without a byte order mark.
    /// - Throws: `LloydError` for a file that is missing, too large, or not UTF-8.
    public static func read(_ path: String) throws -> String {
        let data = try InputFile.read(path, most: sizeLimit)
        let bytes = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0)
            throw LloydError(
                path: path, problem: isWide ? "is UTF-16, or not a text" : "is not UTF-8",
                remedy: "save it as UTF-8")
        }
        return text
    }

    /// The node of a text; nil for an empty text.
    /// - Throws: `Fault` for what is not YAML, or YAML that configs do not use.
    public static func node(of text: String) throws -> Node? {
        guard text.utf8.count <= sizeLimit else {
            throw Fault(problem: "has more than \(sizeLimit) bytes", remedy: "give a shorter text")
        }
        var scalars = try walk(Array(text.utf8))[...]
        do {
            let node = try compose(yaml: text)
            // Foundation removes a byte order mark at the beginning of a text, and Yams reads with Foundation.
            guard scalars.contains(where: { $0.unicodeScalars.first == "\u{FEFF}" }) else { return node }
            return node.map { restored($0, &scalars) }
        } catch let error as YamlError {
            throw Fault(problem: "is not YAML: \(error)", remedy: "correct the line that is named")
        }
    }

    /// Goes through the parser's events once; what it accepts has a size in memory in proportion to the text.
    /// - Returns: the texts of all scalars, in their order.
    private static func walk(_ bytes: [UInt8]) throws -> [String] {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw Fault(problem: "cannot be parsed: out of memory", remedy: "free some memory")
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        var scalars: [String] = []
        // Open lists and groups; of a group, whether its next node is a key.
        var levels: [(isGroup: Bool, isAtKey: Bool)] = []
        return try bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            while true {
                var event = yaml_event_t()
                guard yaml_parser_parse(&parser, &event) == 1 else {
                    let reason = parser.problem.map { String(cString: $0) } ?? "it cannot be parsed"
                    // The parser has a limit of its own, which it meets as it looks ahead.
                    let problem =
                        reason.contains("nesting level") ? "lists and groups more than \(depthLimit) deep" : reason
                    let line = Int(max(parser.problem_mark.line, parser.context_mark.line)) + 1
                    throw Fault(
                        line: line, problem: "is not YAML: \(problem)",
                        remedy:
                            "correct the line that is named; texts with special characters go in quotation marks, and "
                            + "lines are indented with blanks, not tabs")
                }
                defer { yaml_event_delete(&event) }
                let line = Int(event.start_mark.line) + 1
                func refuse(_ condition: Bool, _ what: String, _ remedy: String) throws {
                    guard condition else { return }
                    throw Fault(
                        line: line, problem: "holds YAML that configs do not use: \(what)", remedy: remedy)
                }
                let quote = "write the value itself; a text that begins with & or * or ! goes in quotation marks"
                switch event.type {
                case YAML_STREAM_END_EVENT: return scalars
                case YAML_ALIAS_EVENT: try refuse(true, "an alias", quote)
                case YAML_SCALAR_EVENT:
                    try refuse(event.data.scalar.anchor != nil, "an anchor", quote)
                    try refuse(event.data.scalar.tag != nil, "a tag", quote)
                    let content = UnsafeBufferPointer(
                        start: event.data.scalar.value, count: event.data.scalar.length)
                    scalars.append(String(decoding: content, as: UTF8.self))
                    if let last = levels.indices.last { levels[last].isAtKey.toggle() }
                case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
                    let isGroup = event.type == YAML_MAPPING_START_EVENT
                    let (anchor, tag) =
                        isGroup
                        ? (event.data.mapping_start.anchor, event.data.mapping_start.tag)
                        : (event.data.sequence_start.anchor, event.data.sequence_start.tag)
                    try refuse(anchor != nil, "an anchor", quote)
                    try refuse(tag != nil, "a tag", quote)
                    if let last = levels.last {
                        try refuse(
                            last.isGroup && last.isAtKey, "a list or a group as a key", "write lines like `method: rrq`"
                        )
                    }
                    try refuse(
                        levels.count >= depthLimit, "lists and groups more than \(depthLimit) deep",
                        "write fewer levels")
                    levels.append((isGroup, true))
                case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
                    levels.removeLast()
                    if let last = levels.indices.last { levels[last].isAtKey.toggle() }
                default: break
                }
            }
        }
    }

    /// The node with its scalars' texts as the parser gave them.
    private static func restored(_ node: Node, _ scalars: inout ArraySlice<String>) -> Node {
        switch node {
        case .scalar(var scalar):
            scalar.string = scalars.popFirst() ?? scalar.string
            return .scalar(scalar)
        case .sequence(var sequence):
            for index in sequence.indices { sequence[index] = restored(sequence[index], &scalars) }
            return .sequence(sequence)
        case .mapping(let mapping):
            let pairs = mapping.map { key, value in (restored(key, &scalars), restored(value, &scalars)) }
            return .mapping(Node.Mapping(pairs, mapping.tag, mapping.style, mapping.mark))
        case .alias: return node
        }
    }
}
