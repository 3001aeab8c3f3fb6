import Core
import Datasets
import Foundation

/// How indices of codewords are stored: in the fewest bytes that hold those of every layer.
enum CodeFormat: Int {
    case bytes = 1
    case words = 2
    case integers = 4

    /// For codebooks of at most so many codewords.
    init(codewords: Int) { self = codewords <= 256 ? .bytes : codewords <= 65_536 ? .words : .integers }

    /// NumPy's name of the type.
    var name: String {
        switch self {
        case .bytes: "uint8"
        case .words: "uint16"
        case .integers: "int32"
        }
    }

    /// Stores indices one after another, little-endian.
    func store(_ indices: UnsafePointer<Int32>, count: Int, to bytes: UnsafeMutableRawPointer) {
        for number in 0..<count {
            switch self {
            case .bytes:
                bytes.storeBytes(of: UInt8(truncatingIfNeeded: indices[number]), toByteOffset: number, as: UInt8.self)
            case .words:
                bytes.storeBytes(
                    of: UInt16(truncatingIfNeeded: indices[number]).littleEndian, toByteOffset: 2 * number,
                    as: UInt16.self)
            case .integers:
                bytes.storeBytes(of: indices[number].littleEndian, toByteOffset: 4 * number, as: Int32.self)
            }
        }
    }

    /// Writes rows x columns of indices as .npy, as `body` appends them.
    func write(
        rows: Int, columns: Int, to path: String, _ body: (OutputFile.Appender) throws -> Void
    ) throws {
        switch self {
        case .bytes: try NumPyFile.write(UInt8.self, rows: rows, columns: columns, to: path, body)
        case .words: try NumPyFile.write(UInt16.self, rows: rows, columns: columns, to: path, body)
        case .integers: try NumPyFile.write(Int32.self, rows: rows, columns: columns, to: path, body)
        }
    }
}
