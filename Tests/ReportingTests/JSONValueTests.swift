import Foundation
import Testing

@testable import Reporting

@Suite struct JSONValueTests {
    struct Row: Encodable {
        var method: String
        var lambda: Double?
        var train: Double
        var counts: [Float]
        var seed: Int64
    }

    @Test func encodableBecomesSortedAndNaNNull() throws {
        let row = Row(
            method: "vr \"x\" \u{1}\n", lambda: nil, train: .nan, counts: [1, .infinity, 0.1],
            seed: 9_007_199_254_740_993)
        let text = try JSONValue(encoding: ["table1": [row]]).prettyText
        #expect(
            text == """
                {
                  "table1": [
                    {
                      "counts": [1, null, 0.1],
                      "method": "vr \\"x\\" \\u0001\\n",
                      "seed": 9007199254740993,
                      "train": null
                    }
                  ]
                }

                """)
        #expect((try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil)
    }

    @Test func valuesReadBackAsWritten() throws {
        let value: JSONValue = [
            "a": [1, 2.5, nil, true, false, "x"], "empty": [:], "none": [], "nested": [["k": -0.25], [1e300]],
        ]
        let back = try JSONDecoder().decode(JSONValue.self, from: Data(value.prettyText.utf8))
        #expect(back.prettyText == value.prettyText)
        #expect(JSONValue.number(.infinity).prettyText == "null\n")
        #expect(JSONValue.number(0.1).prettyText == "0.1\n")
    }
}
