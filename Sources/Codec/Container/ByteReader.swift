import Foundation

/// Reads integers from bytes that may end anywhere: nil if they end before the integer does.
///
///     var reader = ByteReader(bytes, from: 4)
///     guard let length = reader.variable(), let chunk = reader.bytes(length) else { throw damaged }
package struct ByteReader {
    private let content: [UInt8]
    /// The index of the next byte.
    package private(set) var position: Int

    /// - Parameter position: the index of the first byte that is read.
    package init(_ content: [UInt8], from position: Int = 0) {
        self.content = content
        self.position = position
    }

    /// Whether all bytes have been read.
    package var isAtEnd: Bool { position >= content.count }

    /// The next byte; nil at the end.
    package mutating func byte() -> UInt8? {
        guard position < content.count else { return nil }
        defer { position += 1 }
        return content[position]
    }

    /// The next integer of a fixed width, little endian; nil if the bytes end within it.
    package mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard content.count - position >= size else { return nil }
        defer { position += size }
        return content.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: type)) }
    }

    /// A non-negative integer below 2^35: seven bits a byte, the lowest first, in the shortest form.
    package mutating func variable() -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = byte() else { return nil }
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
        }
        return nil
    }

    /// All bytes that are left; the reader is then at its end.
    package mutating func rest() -> Data {
        defer { position = content.count }
        return Data(content[position...])
    }

    /// The next `count` bytes; nil if there are fewer, or for a negative count.
    package mutating func bytes(_ count: Int) -> Data? {
        guard count >= 0, content.count - position >= count else { return nil }
        defer { position += count }
        return Data(content[position..<position + count])
    }
}

/// Appends integers, little endian.
package struct ByteWriter {
    /// Everything so far.
    package private(set) var bytes: [UInt8] = []

    /// Appends bytes.
    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends an integer in its full width, little endian.
    package mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends an integer in the form that `ByteReader.variable` reads.
    /// - Precondition: 0 ..< 2^35.
    package mutating func append(variable number: Int) {
        precondition((0..<1 << 35).contains(number))
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
