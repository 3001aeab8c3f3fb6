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
    private func loadedFault(_ value: Float) throws -> LloydError? {
        let folder = try ScratchFolder()
        let matrix = Matrix(rows: 12, columns: 20, (0..<240).map { Float($0) })
        matrix[7, 18] = value
        try NumPyFile.write(matrix, to: folder / "x.npy")
        do {
            _ = try load(NumPyVectors(folder / "x.npy"), try makeLoop())
            return nil
        } catch let error as LloydError {
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

    /// What a training says of vectors with components of plus and minus one size, whose mean is zero.
    private func measuredFault(_ size: Float) throws -> String? {
        let folder = try ScratchFolder()
        let matrix = Matrix(rows: 12, columns: 20, (0..<240).map { $0 % 2 == $0 / 20 % 2 ? size : -size })
        try NumPyFile.write(matrix, to: folder / "x.npy")
        let loop = try makeLoop()
        let train = try load(NumPyVectors(folder / "x.npy"), loop)
        let measurement = EnergyMeasurement(train: train, sets: [EncodedSet(train, peak: nil, threads: 1)])
        do {
            _ = try loop.run(measurement)
            #expect(measurement.variances.allSatisfy { $0 == Double(size) * Double(size) })
            return nil
        } catch let error as LloydError {
            return "\(error)"
        }
    }

    @Test func dataOfTooSmallASpreadAreRefused() throws {
        #expect(try measuredFault(0x1p-50) == nil)
        #expect(try measuredFault(1) == nil)
        for size: Float in [0x1.fp-51, 0x1p-60, 0x1p-126, .leastNonzeroMagnitude] {
            let fault = try #require(try measuredFault(size))
            #expect(fault.contains("differ from their mean by only") && fault.contains("power of two"), "\(fault)")
        }
        #expect(try #require(try measuredFault(0)).contains("all training vectors are the same"))
    }
}
