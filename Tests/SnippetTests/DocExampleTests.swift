import Foundation
import Testing

/// The examples of doc comments compile, since each of them stands in a function of this target, line by line.
///
/// An example is an indented block of a `///` comment; what is not Swift is fenced as ```` ```text ````. The snippets of
/// Sources/Datasets are in the folder Datasets, those of Sources/Methods/RRQ in RRQ. What an example takes for granted is
/// a parameter of its function.
@Suite struct DocExampleTests {
    struct Example: CustomStringConvertible {
        let file: String
        let line: Int
        let code: [String]

        var description: String { "\(file):\(line): " + code.joined(separator: " ⏎ ") }
    }

    @Test(arguments: try Self.targets())
    func examplesCompile(target: (name: String, folder: URL)) throws {
        let snippets = try Self.swiftFiles(Self.folder.appendingPathComponent(target.name))
            .map { try Self.lines($0).map(Self.trimmed).filter { !$0.isEmpty } }
        let missing = try Self.swiftFiles(target.folder).flatMap(Self.examples).filter { example in
            !snippets.contains { Self.holds($0, example.code) }
        }
        let list = missing.map(\.description).joined(separator: "\n")
        #expect(missing.isEmpty, "not in Tests/SnippetTests/\(target.name):\n\(list)")
    }

    @Test func examplesAreFound() throws {
        let text = """
            /// Sums.
            ///
            ///     let sum = Sum(of: numbers)
            ///
            ///     print(sum.value)
            ///
            /// More.
            ///
            /// ```text
            ///     1 + 2
            /// ```
            /// - Parameters:
            ///   - numbers: what is summed, and
            ///     what follows
            struct Sum {
            """
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("example-\(getpid()).swift")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let found = try Self.examples(of: file)
        #expect(found.map(\.code) == [["let sum = Sum(of: numbers)", "print(sum.value)"]])
        #expect(found.first?.line == 3)
        #expect(Self.holds(["func a() {", "let sum = Sum(of: numbers)", "print(sum.value)", "}"], found[0].code))
        #expect(!Self.holds(["let sum = Sum(of: numbers)", "}", "print(sum.value)"], found[0].code))
    }

    // MARK: Files

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// Every folder of Sources with Swift files, a method's for each method.
    static func targets() throws -> [(name: String, folder: URL)] {
        let sources = folder.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
        let methods = sources.appendingPathComponent("Methods")
        return try [sources, methods].flatMap {
            try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        .filter { $0.lastPathComponent != "Methods" }
        .map { (name: $0.lastPathComponent, folder: $0) }
        .filter { try !swiftFiles($0.folder).isEmpty }
        .sorted { $0.name < $1.name }
    }

    static func swiftFiles(_ folder: URL) throws -> [URL] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }
    }

    static func lines(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    }

    static func trimmed(_ line: String) -> String { line.trimmingCharacters(in: .whitespaces) }

    // MARK: Examples

    /// As Markdown has it: indented by four or more, after an empty line, and not within a fence.
    static func examples(of file: URL) throws -> [Example] {
        var found: [Example] = []
        var code: [String] = []
        var start = 0
        var isFenced = false
        var follows = true  // an empty line, or the beginning of a comment
        func close() {
            if !code.isEmpty { found.append(Example(file: file.path, line: start, code: code)) }
            code = []
        }
        for (index, line) in try lines(file).enumerated() {
            let text = trimmed(line)
            guard text.hasPrefix("///") else {
                close()
                (isFenced, follows) = (false, true)
                continue
            }
            let content = text.dropFirst(3)
            if trimmed(String(content)).hasPrefix("```") {
                close()
                isFenced.toggle()
                follows = false
            } else if content.allSatisfy(\.isWhitespace) {
                follows = true
            } else if !isFenced, content.hasPrefix("     "), follows || !code.isEmpty {
                if code.isEmpty { start = index + 1 }
                code.append(trimmed(String(content)))
            } else {
                close()
                follows = false
            }
        }
        close()
        return found
    }

    /// Whether the lines stand in a file one after another.
    static func holds(_ file: [String], _ code: [String]) -> Bool {
        guard let first = code.first else { return true }
        return file.indices.contains { start in
            file[start] == first && start + code.count <= file.count && Array(file[start..<start + code.count]) == code
        }
    }
}
