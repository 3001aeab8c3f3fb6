import Codec

@testable import RRQ

// swift-format-ignore
private func residualShelfExample(coded: CodedFile) throws {
    ResidualShelf.isRun("runs/rrq-faces")
    let shelf = ResidualShelf(["runs/rrq-faces"])
    let model = try shelf.model(for: coded, name: "face.lloyd")
}
