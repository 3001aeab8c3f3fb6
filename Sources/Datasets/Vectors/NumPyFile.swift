import Core
import Foundation
import Numerics

/// Writes arrays as .npy files of version 1.0, which `numpy.load` reads.
///
///     try NumPyFile.write(codebook, to: "codebook.npy")                     // a Matrix: rows x columns of float32
///     try NumPyFile.write(assignments, to: "assignments.npy")               // [Int32]: one dimension
///     try NumPyFile.write(values, shape: [10, 3, 3], to: "kernels.npy")
public enum NumPyFile {
    /// Writes a matrix as float32, rows x columns.
    /// - Throws: `LloydError` if the file cannot be written.
    public static func write(_ matrix: Matrix, to path: String) throws {
        let bytes = Data(
            bytesNoCopy: matrix.pointer, count: matrix.count * MemoryLayout<Float>.size, deallocator: .none)
        try withExtendedLifetime(matrix) {
            try write(bytes, descriptor: "<f4", shape: [matrix.rows, matrix.columns], to: path)
        }
    }

    /// Writes numbers in C order.
    /// - Parameter shape: extents whose product is the number of elements; nil for one dimension.
    /// - Throws: `LloydError` if the file cannot be written.
    public static func write<Element: NumPyWritable>(_ elements: [Element], shape: [Int]? = nil, to path: String) throws
    {
        let shape = shape ?? [elements.count]
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == elements.count, "\(shape): \(elements.count)")
        try elements.withUnsafeBytes { elements in
            try write(Data(elements), descriptor: Element.numPyDescriptor, shape: shape, to: path)
        }
    }

    /// Writes rows x columns of numbers piece by piece, for arrays larger than memory.
    ///
    ///     try NumPyFile.write(UInt8.self, rows: 1_000_000, columns: 8, to: "codes.npy") { file in
    ///         for block in blocks { try file.append(block) }   // a million rows in all
    ///     }
    ///
    /// - Throws: `LloydError` for a file that cannot be written, or what `body` throws; the file is then as it was.
    /// - Precondition: `body` appends rows * columns elements, little-endian, row after row.
    public static func write<Element: NumPyWritable>(
        _ type: Element.Type, rows: Int, columns: Int, to path: String,
        _ body: (OutputFile.Appender) throws -> Void
    ) throws {
        try OutputFile.write(to: path) { file in
            try file.append(header(descriptor: Element.numPyDescriptor, shape: [rows, columns]))
            let start = file.count
            try body(file)
            precondition(file.count - start == rows * columns * MemoryLayout<Element>.size)
        }
    }

    private static func write(_ elements: Data, descriptor: String, shape: [Int], to path: String) throws {
        try OutputFile.write([header(descriptor: descriptor, shape: shape), elements], to: path)
    }

    private static func header(descriptor: String, shape: [Int]) -> Data {
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(sizes)), }"
        // Elements begin at a multiple of 64 bytes, so that a mapped file is aligned; a line end closes the header.
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
        var header = Data(NumPyHeader.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)])
        header.append(contentsOf: text.utf8)
        header.append(contentsOf: [UInt8](repeating: 0x20, count: length - text.utf8.count - 1) + [0x0A])
        return header
    }
}

/// A number type that .npy files hold.
public protocol NumPyWritable: BitwiseCopyable {
    /// NumPy's name of the type, little-endian.
    static var numPyDescriptor: String { get }
}

extension Float: NumPyWritable { public static var numPyDescriptor: String { "<f4" } }
extension Double: NumPyWritable { public static var numPyDescriptor: String { "<f8" } }
extension UInt8: NumPyWritable { public static var numPyDescriptor: String { "|u1" } }
extension UInt16: NumPyWritable { public static var numPyDescriptor: String { "<u2" } }
extension Int32: NumPyWritable { public static var numPyDescriptor: String { "<i4" } }
extension Int64: NumPyWritable { public static var numPyDescriptor: String { "<i8" } }
extension Int: NumPyWritable { public static var numPyDescriptor: String { "<i8" } }
