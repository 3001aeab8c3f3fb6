import Core
import Datasets

@testable import RRQ

// swift-format-ignore
private func residualCodecExample() throws {
    let codec = ResidualCodec(try ResidualModel(runFolder: "runs/rrq-faces", layers: 40))
    let coded = try codec.encode(Image(path: "face.png"))
    try OutputFile.write(coded.file.data, to: "face.lloyd")
    let decoded = try codec.decode(coded.file, layers: 10, name: "face.lloyd")        // coarser
}
