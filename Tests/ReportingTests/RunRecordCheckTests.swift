import Core
import Foundation
import MethodKit
import Testing

@testable import RRQ

@Suite struct RunRecordCheckTests {
    private static let whole = """
        {"method": "rrq", "dataName": "x", "trainCount": 8, "testCount": 2, "heldOutCount": 0, "dimension": 12, "imageWidth": 4,
        "imageHeight": 3, "imageChannels": 1, "codewords": 4, "comparison": [], "sourceVariances": [1, 0.5], "pictures": [
        {"file": "pictures/a.png", "layer": 1, "restoration": "original", "item": 0, "name": "a"}], "qualities": [],
        "layers": [{"layer": 1, "activeDimensions": 3, "bits": 2, "entropyBits": 1.9, "trainDistortion": 0.5,
        "boundDistortion": 0.4, "codewordsUsed": 4, "trainPerplexity": 3.5, "rateProfile": [0.5, 0.1]}]}
        """

    private func fault(_ text: String) throws -> String {
        let record = try JSONDecoder().decode(RRQRecord.self, from: Data(text.utf8))
        do {
            try RunRecordCheck(file: "record.json").check(record)
            return "accepted"
        } catch let error as LloydError {
            return "\(error)"
        }
    }

    @Test func aWholeRecordIsAccepted() throws { #expect(try fault(Self.whole) == "accepted") }

    @Test(arguments: [
        ("\"imageHeight\": 3, ", "", "imageWidth"),
        ("\"imageHeight\": 3", "\"imageHeight\": 9223372036854775807", "imageWidth"),
        ("\"dimension\": 12", "\"dimension\": 9223372036854775807", "dimension"),
        ("\"codewords\": 4,", "\"codewords\": -1,", "codewords"),
        ("\"trainCount\": 8", "\"trainCount\": -8", "trainCount"),
        ("\"layer\": 1, \"act", "\"layer\": 7, \"act", "layers[0]"), ("\"bits\": 2", "\"bits\": -2", "layers[0]"),
        ("\"activeDimensions\": 3", "\"activeDimensions\": 13", "layers[0]"),
        ("pictures/a.png", "../../a.png", "pictures[0].file"), ("pictures/a.png", "/etc/passwd", "pictures[0].file"),
    ])
    func whatCannotBeIsNamed(_ old: String, _ new: String, _ item: String) throws {
        let text = Self.whole.replacing(old, with: new)
        #expect(text != Self.whole)
        let found = try fault(text)
        #expect(found.contains("record.json") && found.contains(item), "\(found)")
    }
}
