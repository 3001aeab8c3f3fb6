import CZlib
import Foundation

/// Changes files as damage and malice do. The same seed gives the same changes.
///
/// ```text
/// var random = FuzzRandom(seed: 17)
/// let input = FuzzMutation(target: .npy, corpus: corpus).input(&random)
/// ```
struct FuzzMutation {
    let target: FuzzTarget
    let corpus: [[UInt8]]
    /// Longer inputs are cut.
    static let longest = 64 << 10

    private static let numbers = [
        "0", "-1", "1", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967296", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e300", "1e17", "1e-320", "0.5",
        "1152921504606846976",
        "1099511627776", "1048576", "NaN",
    ]

    func input(_ random: inout FuzzRandom) -> [UInt8] {
        var bytes = corpus[random.below(corpus.count)]
        for _ in 0...random.below(4) { change(&bytes, &random) }
        if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
        // Checksums would keep most changes from getting any further.
        return random.below(8) == 0 ? bytes : FuzzRepair.repaired(bytes, of: target)
    }

    private func change(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        guard !bytes.isEmpty else {
            bytes = [UInt8(random.below(256))]
            return
        }
        let at = random.below(bytes.count)
        let length = min(1 + random.below(random.below(4) == 0 ? 256 : 8), bytes.count - at)
        switch random.below(12) {
        case 0: bytes[at] ^= 1 << UInt8(random.below(8))
        case 1: bytes[at] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(at..<at + length)
        case 3: bytes.insert(contentsOf: bytes[at..<at + length], at: random.below(bytes.count))
        case 4: bytes.insert(contentsOf: (0..<length).map { _ in UInt8(random.below(256)) }, at: at)
        case 5: if random.below(4) == 0 { bytes.removeLast(bytes.count - at) }
        case 6:
            let other = corpus[random.below(corpus.count)]
            let start = random.below(max(1, other.count))
            bytes.replaceSubrange(at..<at + length, with: other[start..<min(other.count, start + 1 + random.below(64))])
        case 7, 8:
            // A number in digits becomes another one.
            guard let first = bytes[at...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit) else {
                return
            }
            let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
            bytes.replaceSubrange(first..<end, with: Self.numbers[random.below(Self.numbers.count)].utf8)
        case 9:
            let words = target.words
            guard !words.isEmpty else {
                bytes[at] = [0, 1, 127, 128, 255][random.below(5)]
                return
            }
            bytes.insert(contentsOf: words[random.below(words.count)].utf8, at: at)
        case 10:
            // An integer becomes an odd one, in either byte order.
            let width = [1, 2, 4, 8][random.below(4)]
            let value = [0, 1, -1, 1 << 31 - 1, -1 << 31, 1 << 16, 1 << 62, Int.max, Int.min, 0x7F, 0x80][
                random.below(11)]
            let isBig = random.below(2) == 0
            for index in 0..<min(width, bytes.count - at) {
                bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * (isBig ? width - 1 - index : index)))
            }
        default:
            let count = random.below(8) == 0 ? 2000 : 20
            bytes.insert(contentsOf: [UInt8](repeating: bytes[at], count: count), at: at)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

/// Random numbers by counter: the n-th input does not depend on those before it.
struct FuzzRandom {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03 }

    /// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014 (SplitMix64).
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % max(limit, 1) }
}

/// Makes checksums fit again after a change.
enum FuzzRepair {
    static func repaired(_ bytes: [UInt8], of target: FuzzTarget) -> [UInt8] {
        switch target {
        case .png: png(bytes)
        case .tar: tar(bytes)
        case .lloyd: coded(bytes)
        default: bytes
        }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>, after previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(crc32_z(UInt(previous), $0.baseAddress, $0.count)) }
    }

    private static func png(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        var at = 8
        while at + 12 <= result.count {
            let length = result[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= result.count - at - 12 else { break }
            let sum = checksum(result[at + 4..<at + 8 + length])
            for index in 0..<4 {
                result[at + 8 + length + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index))
            }
            at += 12 + length
        }
        return result
    }

    private static func tar(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for at in stride(from: 0, to: result.count - 511, by: 512)
        where result[at + 257..<at + 262].elementsEqual("ustar".utf8) {
            result.replaceSubrange(at..<at + 512, with: tarChecksum(Array(result[at..<at + 512])))
        }
        return result
    }

    /// A header block with its own checksum.
    static func tarChecksum(_ block: [UInt8]) -> [UInt8] {
        var block = block
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
        let digits = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        block.replaceSubrange(
            148..<156, with: Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8) + [0, 0x20])
        return block
    }

    /// A coded file: its header's checksum, then each chunk's.
    private static func coded(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 15 else { return bytes }
        var result = bytes
        var at = 14
        func variable() -> Int? {
            var (value, shift) = (0, 0)
            while at < result.count, shift < 35 {
                let byte = result[at]
                at += 1
                value |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
        func put(_ sum: UInt32) {
            for index in 0..<4 { result[at + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
        }
        for _ in 0..<(bytes[5] == 1 ? 3 : 5) where variable() == nil { return result }
        guard at + 4 <= result.count else { return result }
        let header = checksum(result[0..<at])
        put(header)
        at += 4
        var position: UInt64 = 0
        while let length = variable(), at + 4 + length <= result.count {
            var prefix = withUnsafeBytes(of: header.littleEndian) { Array($0) }
            prefix += withUnsafeBytes(of: position.littleEndian) { Array($0) }
            put(checksum(result[at + 4..<at + 4 + length], after: checksum(prefix[...])))
            at += 4 + length
            position += 1
        }
        return result
    }
}
