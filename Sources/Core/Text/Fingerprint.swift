import Foundation

/// A checksum of 64 bits that tells files and models apart and finds damage; no protection against intent.
///
///     var hash = Fingerprint()
///     hash.add("codebook")
///     hash.add(tensor.bytes)
///     String(hash.value, radix: 16)
///
/// FNV-1a over groups of eight bytes and then single ones: any change of one group changes the value.
public struct Fingerprint: Sendable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public mutating func add(_ bytes: Data) {
        var hash = value
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset &+ 8 <= bytes.count {
                hash =
                    (hash ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                    &* 0x100_0000_01b3
                offset &+= 8
            }
            while offset < bytes.count {
                hash = (hash ^ UInt64(bytes[offset])) &* 0x100_0000_01b3
                offset &+= 1
            }
        }
        value = hash
    }

    /// The text's bytes and its length, so that neighbors cannot be mistaken for one another.
    public mutating func add(_ text: String) {
        add(Data(text.utf8))
        value = (value ^ UInt64(text.utf8.count)) &* 0x100_0000_01b3
    }
}
