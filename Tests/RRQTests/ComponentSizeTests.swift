import Core
import Datasets
import Foundation
import Messaging
import Numerics
import TestSupport
import Testing
import Training

@testable import RRQ

@Suite struct ComponentSizeTests {
    private func loadedFault(_ value: Float) throws -> DatasetError? {
        let folder = try ScratchFolder()
        let matrix = Matrix(rows: 12, columns: 20, (0..<240).map { Float($0) })
        matrix[7, 18] = value
        try NumPyFile.write(matrix, to: folder / "x.npy")
        do {
            _ = try load(NumPyVectors(folder / "x.npy"), try makeLoop())
            return nil
        } catch let error as DatasetError {
            return error
        }
    }

    @Test func componentsWhoseSquaresLeaveTheRangeAreRefusedWithTheirPosition() throws {
        #expect(try loadedFault(0x1p50) == nil)
        for value: Float in [0x1.1p50, -5.7e17, .greatestFiniteMagnitude] {
            let error = try #require(try loadedFault(value))
            #expect(error.path.contains("row 7") && error.problem.contains("dimension 18"), "\(error)")
            #expect(error.remedy.contains("power of two"))
        }
    }
}
