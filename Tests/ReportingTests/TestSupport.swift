import Foundation
import FoundationXML
import Testing

@testable import Reporting

/// What an XML document holds, or why it is none.
final class XMLReading: NSObject, XMLParserDelegate {
    private(set) var elements: [(name: String, attributes: [String: String])] = []
    /// The text of each `text` element.
    private(set) var texts: [String] = []
    private(set) var problem: String?
    private var inside = false

    init(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        if !parser.parse() { problem = parser.parserError.map { "\($0)" } ?? "not well-formed" }
    }

    func count(_ name: String) -> Int { elements.filter { $0.name == name }.count }

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append((elementName, attributes))
        if elementName == "text" {
            inside = true
            texts.append("")
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if inside { texts[texts.count - 1] += string }
    }

    func parser(_ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName: String?) {
        if elementName == "text" { inside = false }
    }
}

func read(_ folder: URL, _ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
}

/// Every number in the coordinates of an SVG is one: nothing became "nan" or "inf" on the way.
func hasOnlyNumbers(_ svg: String) -> Bool {
    !svg.lowercased().contains("nan\"") && !svg.lowercased().contains("inf\"") && !svg.contains("nan ")
}
