import Foundation

/// A checksum of 64 bits that tells files and models apart and finds damage. It does not protect against intent.
///
///     var hash = Fingerprint()
///     hash.add("codebook")
///     hash.add(bytes)
///     String(hash.value, radix: 16)
///
/// FNV-1a over groups of eight bytes and then single ones: any change of one group changes the value.
public struct Fingerprint: Sendable {
    /// The checksum of all that was added so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The fingerprint of nothing.
    public init() {}

    /// Adds bytes. Groups of eight begin anew with every call, so the same bytes in other pieces may give another value.
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

    /// Adds the text's UTF-8 and its length, so that "ab", "c" and "a", "bc" differ.
    public mutating func add(_ text: String) {
        add(Data(text.utf8))
        value = (value ^ UInt64(text.utf8.count)) &* 0x100_0000_01b3
    }
}
