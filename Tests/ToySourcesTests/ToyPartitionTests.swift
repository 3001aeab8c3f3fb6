import Datasets
import Foundation
import TestSupport
import Testing

@testable import ToySources

@Suite struct ToyPartitionTests {
    private var partition: ToyPartition {
        ToyPartition(
            bounds: .init(x: -1, y: -2, width: 3, height: 4), rows: 2, columns: 3, cells: [0, 0, 1, 1, 1, 0],
            density: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            codewords: [.init(x: 0, y: 1, probability: 0.25), .init(x: -1, y: 2, probability: 0.75)])
    }

    @Test func comesBackAsItWasWritten() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/cells.safetensors"
        try partition.write(to: path)
        let back = try ToyPartition(file: path)
        #expect(back.bounds == partition.bounds)
        #expect(back.cells == partition.cells && back.density == partition.density)
        #expect(back.codewords == partition.codewords)
        #expect(back.cell(row: 1, column: 2) == 0)
    }

    @Test func aCellOfNoCodewordIsAnError() throws {
        let scratch = try ScratchFolder()
        var wrong = partition
        wrong.cells[4] = 2
        let path = scratch.path + "/cells.safetensors"
        try wrong.write(to: path)
        #expect(throws: LloydError.self) { try ToyPartition(file: path) }
    }
}
