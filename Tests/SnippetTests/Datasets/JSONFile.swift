// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func jsonFileExample<Record: Decodable>(_: Record.Type) throws {
    let text = try JSONFile(file: "record.json")             // LloydError: which line, which key, what to do
    let record = try text.decode(Record.self)
    let curves = try JSONFile(file: "vtm.json", nonFinite: .null)     // Python's NaN is read as null
}
