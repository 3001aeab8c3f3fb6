import Core
import Testing

@Suite struct TextTests {
    @Test func whatATerminalWouldObeyIsEscaped() {
        #expect(PrintableText.escaped("Füße/日本.png") == "Füße/日本.png")
        #expect(PrintableText.escaped("a\u{1B}[31m\n\u{9B}\u{202E}b") == "a\\x1B[31m\\n\\x9B\\u{202e}b")
        #expect(PrintableText.escaped("a\nb\t", keeping: "\n") == "a\nb\\t")
        // One character of two scalars.
        #expect(PrintableText.escaped("\r\n") == "\\r\\n")
        #expect(PrintableText.escaped(FileName.text([0x61, 0xFF, 0xC3, 0xA9, 0xC3])) == "a\\xFF\u{E9}\\xC3")
    }

    @Test func errorsNamePathProblemAndRemedy() {
        let error = LloydError(.input, at: "a\n\u{1B}.png", problem: "is damaged", remedy: "copy it again")
        #expect("\(error)" == "a\\n\\x1B.png: is damaged. Remedy: copy it again.")
        #expect(error.exitCode == 1)
        #expect(LloydError(.usage, at: "x", problem: "y", remedy: "z.").description == "x: y. Remedy: z.")
    }

    @Test func namesBecomeDistinct() {
        let files = ["a.png", "a.jpg", "b.png", "b.png", "c.png"]
        let stems = files.map { String($0.prefix(1)) }
        let chosen = DistinctNames.choose(files.count, forms: [{ stems[$0] }, { files[$0] }])
        #expect(chosen == ["a.png", "a.jpg", "b.png", "b.png-2", "c"])
        // What a number makes of a name may be another's name already.
        let numbered = ["x", "x", "x-2"]
        #expect(DistinctNames.choose(3, forms: [{ numbered[$0] }]) == ["x", "x-3", "x-2"])
    }

    @Test func jsonIsQuotedScalarByScalar() {
        #expect(JSONText.quoted("a\"\\\n\u{1}\u{0600}") == "\"a\\\"\\\\\\n\\u0001\u{0600}\"")
        #expect(JSONText.quoted("\n", short: false) == "\"\\u000a\"")
    }
}
