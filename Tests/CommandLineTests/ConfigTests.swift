import Foundation
import MethodKit
import NVTC
import Testing

@testable import Commands
@testable import RRQ

@Suite struct ConfigTests {
    private func message(_ text: String, _ settings: [String] = []) -> String {
        do {
            _ = try Config(text: text, file: "my.yaml", settings: settings)
            return "accepted"
        } catch {
            #expect((error as? ConfigError)?.exitCode == 2)
            return "\(error)"
        }
    }

    /// Whatever a title holds, the run folder's config.yaml gives it back, scalar by scalar.
    @Test(arguments: [
        "plain", "a\u{7}b", "a\r\nb", "\n", "\u{600}x", "x\u{600}", "\u{1b}[31mred", "tab\there", "“quoted” — dash",
        "é", "e\u{301}",
        "\"\u{301}", "\u{2028}\u{2029}\u{85}\u{a0}", "\u{feff}x", "😀", "\u{e0001}", "#x: y", "- a", "a\\nb", "10",
        "0x1f", "yes", "", " ",
        "a ", "null", "~", "\u{7f}", "\u{fffe}", "%", "@x", "'", "½", "१२",
    ]) func anyTitleReadsBack(title: String) throws {
        let config = try Config(text: "method: rrq\n", file: "a.yaml").setting(Keys.general.title, to: title)
        let again = try Config(text: config.yaml, file: "config.yaml")
        #expect(
            Array(again[Keys.general.title].unicodeScalars) == Array(title.unicodeScalars), "\(config.yaml.prefix(80))")
    }

    @Test func anEmptyConfigHoldsTheDefaults() throws {
        for text in ["", "# nothing\n", "---\n"] {
            let config = try Config(text: text, file: "my.yaml")
            for key in Methods.schema.keys { #expect(config.values[key.path] == key.fallback) }
        }
    }

    @Test func valuesOfEveryKind() throws {
        let config = try Config(
            text: """
                title: "a: \\"b\\" #c"
                seed: 9223372036854775807
                data: {source: vectors, path: /a b/c.npy, test-fraction: 0}
                preprocessing:
                  cosine: no
                rrq:
                  lambda: 1e3
                  initialization: k-means++
                report:
                  snapshots: [3, 1]
                """, file: "my.yaml")
        #expect(config[Keys.general.title] == "a: \"b\" #c")
        #expect(config.seed == UInt64(Int.max))
        #expect(config[Keys.data.path] == "/a b/c.npy")
        #expect(config[RRQMethod.own.testFraction] == 0)
        #expect(config[RRQMethod.own.cosine] == false)
        #expect(config[RRQMethod.own.lambda] == 1000)
        #expect(config[RRQMethod.own.initialization].rawValue == "k-means++")
        #expect(config[RRQMethod.own.snapshots] == [3, 1])
    }

    @Test func anUnknownKeyIsNamedWithItsLineAndTheLikeliestMeaning() {
        let text = message("seed: 1\nrrq:\n  layers: 3\n  codeword: 16\n")
        #expect(text.contains("my.yaml:4") && text.contains("`rrq.codeword`") && text.contains("`rrq.codewords`"))
        #expect(message("sead: 1\n").contains("my.yaml:1") && message("sead: 1\n").contains("`seed`"))
        #expect(message("zzzzzzzzzzzzzzzzzzzz: 1").contains("lloyd keys"))
        #expect(message("rrq: 3").contains("`rrq`"))
        #expect(message("", ["rrq.layer=3"]).contains("--set rrq.layer=3"))
    }

    @Test func aWrongTypeOrRangeIsNamedWithWhatWasExpected() {
        for (line, wanted) in [
            ("seed: many", "integer"), ("seed: -1", "integer"), ("seed: 1.5", "integer"),
            ("seed: [1]", "list"), ("method: vq", "codebook-study"), ("rrq: {layers: 0}", "from 1"),
            ("rrq: {lambda: .nan}", "number"), ("rrq: {lambda: .inf}", "number"), ("data: {test-fraction: 1}", "0.99"),
            ("preprocessing: {cosine: 7}", "true"), ("report: {snapshots: 5}", "list"),
            ("report: {snapshots: [1, x]}", "list"), ("seed: 99999999999999999999", "integer"),
        ] {
            let text = message("title: x\n" + line)
            #expect(text.contains("my.yaml:2") && text.contains(wanted), "\(line): \(text)")
        }
    }

    @Test func whatIsNoYAMLIsNamed() {
        for text in ["seed: [1", "seed: 1\n  x: 2", "\tseed: 1", "seed: \"open", "a: &x *y"] {
            let text = message(text)
            #expect(text.contains("my.yaml") && text.contains("YAML"), "\(text)")
        }
        for text in ["- 1\n- 2", "just words", "[1, 2]", "5"] {
            #expect(message(text).contains("keys and values"), "\(text)")
        }
        #expect(message("[1]: 2").contains("my.yaml"))
    }

    @Test func numbersThatVersionsOfYAMLReadDifferentlyAreRefusedWithTheReason() throws {
        for (line, reason) in [
            ("seed: 010", "octal"), ("data: {decay: 010}", "octal"), ("seed: -010", "octal"), ("seed: 0o10", "decimal"),
            ("seed: 1_000", "without `_`"), ("seed: 1:30", "sixties"), ("data: {decay: 1:30.5}", "sixties"),
            ("seed: 0b11", "decimal"), ("report: {snapshots: [1, 010]}", "octal"), ("seed: ٣", "integer"),
        ] {
            let text = message(line)
            #expect(text.contains("my.yaml:1") && text.contains(reason), "\(line): \(text)")
        }
        let config = try Config(
            text: "seed: 0x10\ndata: {decay: .5}\ntitle: 010\nrrq: {lambda: +1.5e3}", file: "my.yaml")
        #expect(config.seed == 16 && config[Keys.gaussian.decay] == 0.5 && config[Keys.general.title] == "010")
        #expect(config[RRQMethod.own.lambda] == 1500)
    }

    @Test func aSettingIsTakenAsItIsGivenOrIsAnError() throws {
        for value in [
            "[draft] run", "{a,b}.tar", "@home", "*best*", "%x", "\"a\" b", "a #b", "#1", "a: b", "&x", "!t", " x ",
        ] {
            #expect(try Config(text: "", file: "x", settings: ["title=\(value)"])[Keys.general.title] == value)
        }
        #expect(try Config(text: "", file: "x", settings: ["title=\"a\\tb\""])[Keys.general.title] == "a\tb")
        for value in ["*x", "[1", "&a 1", "!!int 1"] {
            #expect(message("", ["rrq.layers=\(value)"]).contains("--set rrq.layers=\(value)"))
        }
    }

    @Test func whatConfigsDoNotUseOfYAMLIsRefused() {
        let laughs = "a: &a [1,1]\n" + (1..<30).map { "\($0): &b\($0) [*a, *a]\n" }.joined()
        for (text, reason) in [
            (laughs, "anchor"), ("? *a\n: 1", "alias"), ("? &a [1]\n: 1", "anchor"), ("seed: !!int 5", "tag"),
            (String(repeating: "[", count: 5000), "deep"), ("{[1]: 2}", "as a key"),
            ("seed: 1\n--- \nseed: 2", "document"),
            ("title: " + String(repeating: "x", count: 1 << 20), "bytes"),
        ] {
            let text = message(text)
            #expect(text.contains("my.yaml") && text.contains(reason), "\(text.prefix(300))")
        }
        #expect(message("seed: 1\r\ntitle: x\r\n") == "accepted")
    }

    @Test func aKeyThatAppearsTwiceIsAnError() {
        #expect(message("seed: 1\ntitle: x\nseed: 2\n") != "accepted")
        #expect(message("rrq:\n  layers: 2\ntitle: x\nrrq:\n  layers: 3\n") != "accepted")
    }

    @Test func aKeyOfAnotherMethodIsAnError() {
        #expect(message("method: rrq\nstudy: {trials: 2}").contains("`study.trials`"))
        #expect(message("method: codebook-study\nrrq: {layers: 2}").contains("no effect"))
        #expect(message("method: codebook-study", ["rrq.layers=2"]).contains("no effect"))
    }

    @Test func settingsGoBeforeTheFile() throws {
        let config = try Config(
            text: "rrq: {layers: 3, codewords: 8}", file: "my.yaml",
            settings: ["rrq.layers=7", "title=a=b", "report.snapshots=[2, 4]", "data.path=null", "rrq.layers=8"])
        #expect(config[RRQMethod.own.layers] == 8)
        #expect(config[RRQMethod.own.codewords] == 8)
        #expect(config[Keys.general.title] == "a=b")
        #expect(config[RRQMethod.own.snapshots] == [2, 4])
        #expect(config[Keys.data.path] == nil)
        for setting in ["rrq.layers", "rrq.layers=", "rrq.layers=x", "rrq.layers=[1", "=1", ""] {
            let text = message("", [setting])
            #expect(text.contains("--set \(setting)"), "\(text)")
        }
    }

    @Test func theResolvedConfigReadsBackTheSame() throws {
        let texts = [
            "", "method: codebook-study\nstudy: {lambdas: [0.1, 1e-7, 12345678.9], trials: 1}",
            "data: {path: \"/a b/\\\"c\\\".npy\", decay: 0.3333333333333333}\nrrq: {lambda: 1e12}",
            "report: {snapshots: []}",
            "method: toy\ntoy: {methods: [ntecvq, vq], picture-lambda: null}\necvq: {lambdas: [0.3333333333333333, 1e-7]}",
            "method: toy\nreport: {anchors: \"a: b/c.json\"}",
            "method: nvtc\ndata: {source: images, crop: 64}\nreport: {pictures: 0, anchors: kodak.json}",
        ]
        let titles = [
            "plain", "true", "1.5", "null", "~", "a: b", "# c", "- d", "\"q\"", "back\\slash", "two\nlines", "é ü",
            " lead", "trail ", "*x", "no", "Off", "0x10", "1_000", "a #b", "", "tab\there", "e1", "inf", "nan", ".inf",
            "12:30:00",
        ]
        for text in texts + titles.map({ "title: " + ConfigValue.text($0).yaml }) {
            let config = try Config(text: text, file: "my.yaml")
            let again = try Config(text: config.yaml, file: "my.yaml")
            #expect(again.yaml == config.yaml)
            for key in config.usedKeys { #expect(again.values[key.path] == config.values[key.path], "\(text)") }
        }
        for title in titles {
            let config = try Config(text: "title: " + ConfigValue.text(title).yaml, file: "my.yaml")
            #expect(config[Keys.general.title] == title)
        }
    }

    @Test func theSchemaIsConsistent() throws {
        let paths = Methods.schema.keys.map(\.path)
        #expect(Set(paths).count == paths.count)
        for key in Methods.schema.keys {
            #expect(key.meaning.hasSuffix("."), "\(key.path)")
            let method = Methods.schema.methods(using: key).first ?? RRQMethod.name
            let settings = ["method=\(method)", "\(key.path)=\(key.fallback.yaml)"]
            let config = try Config(text: "", file: "x", settings: settings)
            if key.path != "method" { #expect(config.values[key.path] == key.fallback, "\(key.path)") }
        }
        #expect(Suggestion.editDistance("kitten", "sitting") == 3)
        #expect(Suggestion.editDistance("", "abc") == 3 && Suggestion.editDistance("abc", "") == 3)
    }

    /// The package's own folder, from the path of this file.
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func everyConfigThatComesWithLloydIsValid() throws {
        let folder = Self.package.appendingPathComponent("Configs")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 2)
        for file in files {
            let path = folder.appendingPathComponent(file).path
            #expect(throws: Never.self, "\(file)") { _ = try Config(file: path) }
        }
    }

    @Test func everyKeyIsDocumented() throws {
        let path = Self.package.appendingPathComponent("Configs/README.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        for key in Methods.schema.keys {
            #expect(text.contains("`\(key.path)`"), "\(key.path) is not in Configs/README.md")
        }
    }
}
