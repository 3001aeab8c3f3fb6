import Foundation

/// Reads integers from bytes that may end at any place: nil where they do.
///
///     var reader = ByteReader(bytes, from: 4)
///     guard let length = reader.variable(), let chunk = reader.bytes(length) else { throw damaged }
package struct ByteReader {
    private let content: [UInt8]
    package private(set) var place: Int

    package init(_ content: [UInt8], from place: Int = 0) {
        self.content = content
        self.place = place
    }

    package var isAtEnd: Bool { place >= content.count }

    package mutating func byte() -> UInt8? {
        guard place < content.count else { return nil }
        defer { place += 1 }
        return content[place]
    }

    package mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard content.count - place >= size else { return nil }
        defer { place += size }
        return content.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: type)) }
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

    /// What is left.
    package mutating func rest() -> Data {
        defer { place = content.count }
        return Data(content[place...])
    }

    package mutating func bytes(_ count: Int) -> Data? {
        guard count >= 0, content.count - place >= count else { return nil }
        defer { place += count }
        return Data(content[place..<place + count])
    }
}

/// Appends integers, little endian.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    package mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The form that `ByteReader.variable` reads.
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
