import Datasets
import Foundation

/// The `LloydError` that `body` throws, nil if it throws none.
func datasetError(_ body: () throws -> some Any) -> LloydError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? LloydError
    }
}

/// One vector of a source.
func vector(_ source: some VectorSource, _ index: Int) throws -> [Float] {
    var result = [Float](repeating: .nan, count: source.dimension)
    try result.withUnsafeMutableBufferPointer { try source.read(index, into: $0) }
    return result
}

/// Samples that bytes hold exactly: 0, 7, 14 ... modulo 256, each divided by 255.
func byteRamp(_ count: Int) -> [Float] {
    var samples: [Float] = []
    for index in 0..<count { samples.append(Float(index * 7 % 256) / 255) }
    return samples
}

/// Data sets that are not part of the project: a folder with cropped-yale/, kodak/ and sift/.
enum RealData {
    static let folder = ProcessInfo.processInfo.environment["LLOYD_DATA"]

    static func has(_ name: String) -> Bool {
        folder.map { FileManager.default.fileExists(atPath: $0 + "/" + name) } ?? false
    }
}

/// Damaged copies of a file: cut at a random byte, or with a few bits turned. The same ones in every run.
func damagedCopies(of bytes: [UInt8], count: Int) -> [[UInt8]] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
    return (0..<count).map { number in
        var copy = bytes
        if number % 3 == 0 { return Array(copy.prefix(next(below: bytes.count))) }
        for _ in 0...next(below: 4) {
            // Half of the flips go to the first bytes, where headers are.
            let index = number % 2 == 0 ? next(below: min(bytes.count, 64)) : next(below: bytes.count)
            copy[index] ^= 1 << UInt8(next(below: 8))
        }
        return copy
    }
}
