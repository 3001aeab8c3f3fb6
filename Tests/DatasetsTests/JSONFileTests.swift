import Core
import Datasets
import Foundation
import Testing

@Suite struct JSONFileTests {
    private func fault(_ text: String) -> String {
        datasetError { try JSONFile(Data(text.utf8), path: "x.json") }?.description ?? "accepted"
    }

    @Test(arguments: [
        "{}", "[]", "1", "-0.5e-3", "\"a\"", "null", " [1, 2.5E+7, true]\r\n", "\u{FEFF}{\"a\": {\"a\": [[]]}}",
        "{\"\\u0061\": 1}",
        "1e308", "1e-400",
    ])
    func whatIsJSONIsAccepted(_ text: String) { #expect(fault(text) == "accepted") }

    @Test(arguments: [
        ("{\"a\":\n [1, NaN]}", "x.json:2", "a[1]: NaN is not JSON, though Python"),
        ("[-Infinity]", "x.json:1", "-Infinity"), ("[1,]", "x.json:1", "comma"), ("{\"a\": 1,}", "x.json:1", "comma"),
        ("{\"a\": 1, \"\\u0061\": 2}", "x.json:1", "twice"), ("[01]", "x.json:1", "01"), ("[1 2]", "x.json:1", "comma"),
        ("[1e999]", "x.json:1", "64-bit"), ("{a: 1}", "x.json:1", "quotation marks"), ("[1", "x.json:1", "too early"),
        ("[\"a]", "x.json:1", "no end"), ("[1] 2", "x.json:1", "behind"), ("// c\n1", "x.json:1", "“/”"),
        ("", "x.json:1", "early"),
        ("[\"\\x\"]", "x.json:1", "escape"), ("[1.]", "x.json:1", "“1.”"), ("[+1]", "x.json:1", "“+”"),
    ])
    func whatIsNotIsNamedWithLineAndKey(_ text: String, _ line: String, _ problem: String) {
        #expect(fault(text).contains(line) && fault(text).contains(problem), "\(fault(text))")
    }

    @Test func depthIsLimitedWithoutRecursion() {
        #expect(fault(String(repeating: "[", count: 1_000_000)).contains("64 deep"))
        #expect(fault(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == "accepted")
    }

    @Test func otherEncodingsAreNamed() {
        for bytes: [UInt8] in [[0xFF, 0xFE, 0x5B, 0, 0x5D, 0], [0, 0x5B, 0, 0x5D]] {
            let error = datasetError { try JSONFile(Data(bytes), path: "x.json") }
            #expect(error?.problem.contains("UTF-16") == true)
        }
        #expect(datasetError { try JSONFile(Data([0x22, 0xFF, 0x22]), path: "x") }?.problem.contains("UTF-8") == true)
    }

    @Test func nonFiniteNumbersMayBeNull() throws {
        let file = try JSONFile(Data("[NaN, 1, -Infinity, \"NaN\"]".utf8), path: "x", nonFinite: .null)
        #expect(String(decoding: file.data, as: UTF8.self) == "[null, 1, null, \"NaN\"]" && file.nulled == 2)
    }
}
