import Foundation
import Numerics

/// A named array as it lies in a safetensors file: element type, shape and bytes.
///
///     let tensor = Tensor(codebook)                             // a Matrix as F32, rows x columns
///     let counts = Tensor(usage.map(Int64.init), shape: [usage.count])
///     tensor.floats()                                           // [Float], nil for another element type
public struct Tensor: Sendable, Equatable {
    /// The element types that are written and read, by the format's names.
    public enum Element: String, Sendable, CaseIterable {
        case float32 = "F32"
        case float64 = "F64"
        case int32 = "I32"
        case int64 = "I64"
        case uint8 = "U8"
        /// IEEE 754's half: read, and converted by `convertedFloats`.
        case float16 = "F16"
        /// The upper half of a float32: read, and converted by `convertedFloats`.
        case bfloat16 = "BF16"

        /// Bytes of an element.
        public var size: Int {
            switch self {
            case .float32, .int32: 4
            case .float64, .int64: 8
            case .float16, .bfloat16: 2
            case .uint8: 1
            }
        }
    }

    /// Bits of an element of any type of the format; nil for a type of a later version of it.
    static func bits(of dtype: String) -> Int? {
        switch dtype {
        case "F4": 4
        case "F6_E2M3", "F6_E3M2": 6
        case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
        case "I16", "U16", "F16", "BF16": 16
        case "I32", "U32", "F32": 32
        case "I64", "U64", "F64", "C64": 64
        default: nil
        }
    }

    /// The element type.
    public let element: Element
    /// The extents, the slowest first; empty for a single number.
    public let shape: [Int]
    /// The elements in C order, little-endian.
    public let bytes: Data

    /// The number of elements.
    public var count: Int { bytes.count / element.size }

    init(element: Element, shape: [Int], bytes: Data) {
        self.element = element
        self.shape = shape
        self.bytes = bytes
    }

    /// Elements in C order.
    /// - Parameter shape: extents whose product is the number of elements; nil for one dimension.
    public init<Number: TensorElement>(_ elements: [Number], shape: [Int]? = nil) {
        let shape = shape ?? [elements.count]
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == elements.count,
            "\(elements.count) elements do not fill the shape \(shape)")
        self.init(element: Number.tensorElement, shape: shape, bytes: elements.withUnsafeBytes { Data($0) })
    }

    /// The floats of a buffer, in one dimension, without a copy: the buffer must not change while the tensor is in use.
    public init(sharing buffer: AlignedBuffer<Float>) {
        let bytes = Data(
            bytesNoCopy: buffer.pointer, count: buffer.count * MemoryLayout<Float>.size,
            deallocator: .custom { _, _ in withExtendedLifetime(buffer) {} })
        self.init(element: .float32, shape: [buffer.count], bytes: bytes)
    }

    /// A copy of a buffer's floats, in one dimension.
    public init(copying buffer: AlignedBuffer<Float>) {
        let bytes = Data(bytes: buffer.pointer, count: buffer.count * MemoryLayout<Float>.size)
        self.init(element: .float32, shape: [buffer.count], bytes: bytes)
    }

    /// A matrix as F32 with shape [rows, columns].
    public init(_ matrix: Matrix) {
        self.init(
            element: .float32, shape: [matrix.rows, matrix.columns],
            bytes: Data(bytes: matrix.pointer, count: matrix.count * MemoryLayout<Float>.size))
    }

    /// The elements; nil if they are of another type.
    public func elements<Number: TensorElement>(_ type: Number.Type) -> [Number]? {
        guard element == Number.tensorElement else { return nil }
        return [Number](unsafeUninitializedCapacity: count) { elements, filled in
            _ = bytes.copyBytes(to: elements)
            filled = count
        }
    }

    /// The elements of an F32 tensor; nil for any other.
    public func floats() -> [Float]? { elements(Float.self) }

    /// The elements of any floating-point type as Float: F32, F16 and BF16 exactly, F64 rounded to nearest. Nil for integers.
    public func convertedFloats() -> [Float]? {
        func words() -> [UInt16] { bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) } }
        return switch element {
        case .float32: floats()
        case .float64: elements(Double.self)?.map { Float($0) }
        case .float16: words().map { Float(half: UInt16(littleEndian: $0)) }
        case .bfloat16: words().map { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .int32, .int64, .uint8: nil
        }
    }

    /// The matrix of an F32 tensor of two dimensions, nil for any other.
    public func matrix() -> Matrix? {
        guard element == .float32, shape.count == 2 else { return nil }
        let matrix = Matrix(rows: shape[0], columns: shape[1])
        _ = bytes.copyBytes(to: matrix.storage.elements)
        return matrix
    }
}

/// A number type that safetensors files hold.
public protocol TensorElement: BitwiseCopyable {
    /// The element type of a tensor of such numbers.
    static var tensorElement: Tensor.Element { get }
}

extension Float: TensorElement { public static var tensorElement: Tensor.Element { .float32 } }
extension Double: TensorElement { public static var tensorElement: Tensor.Element { .float64 } }
extension Int32: TensorElement { public static var tensorElement: Tensor.Element { .int32 } }
extension Int64: TensorElement { public static var tensorElement: Tensor.Element { .int64 } }
extension UInt8: TensorElement { public static var tensorElement: Tensor.Element { .uint8 } }

extension Float {
    /// The value of an IEEE 754 half.
    init(half bits: UInt16) {
        let (sign, exponent, fraction) = (UInt32(bits >> 15) << 31, UInt32(bits >> 10 & 31), UInt32(bits & 0x3FF))
        if exponent == 0 {
            let magnitude = Float(fraction) * 0x1p-24
            self = sign == 0 ? magnitude : -magnitude
        } else {
            self = Float(bitPattern: sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13)
        }
    }
}
