import Foundation

/// What a symbol takes of the coder's range of 2^24: its probability as an integer, and where it begins.
public struct RangeSlice: Sendable, Equatable {
    /// Bits of the whole range.
    public static let precision: UInt64 = 24
    /// The size of the whole range, 2^24: what the slices of all symbols add up to.
    public static var whole: UInt32 { 1 << UInt32(precision) }

    /// Where the slice begins: the sum of the sizes of all symbols before.
    public var start: UInt32
    /// The symbol's probability times 2^24; at least 1 for a symbol that is coded.
    public var size: UInt32

    /// A slice of the range; it must end within `whole`.
    public init(start: UInt32, size: UInt32) {
        self.start = start
        self.size = size
    }
}

/// The encoder of range asymmetric numeral systems (rANS): turns symbols into bytes, at the cost of their probabilities.
///
///     var encoder = AsymmetricEncoder()
///     for symbol in symbols.reversed() { encoder.append(table.slice(of: symbol)) }      // the last symbol first
///     let bytes = encoder.finish()
///     var decoder = AsymmetricDecoder(bytes)!                                           // gives the first symbol first
///
/// The state is a 64-bit integer, renormalized by words of 32 bits; with probabilities of 24 bits, rounding costs less
/// than 10^-9 bits a symbol. A stream is longer than the sum of -log2 p by at most 5 bytes.
///
/// Source: Duda, "Asymmetric numeral systems", 2013.
public struct AsymmetricEncoder {
    /// The state is at least this between symbols, and is this at the start: 31 bits that the stream pays for.
    package static let least: UInt64 = 1 << 31

    private var state = Self.least
    private var words: [UInt32] = []

    /// An encoder without symbols.
    public init() {}

    /// Puts a symbol in front of those so far.
    /// - Precondition: the slice is not empty.
    public mutating func append(_ slice: RangeSlice) {
        let size = UInt64(slice.size)
        assert(size > 0 && UInt64(slice.start) + size <= UInt64(RangeSlice.whole))
        // 2^63 = least << 32 is where the state would end with a whole range.
        if state >= ((Self.least >> RangeSlice.precision) << 32) &* size {
            words.append(UInt32(truncatingIfNeeded: state))
            state >>= 32
        }
        let (quotient, remainder) = state.quotientAndRemainder(dividingBy: size)
        state = (quotient << RangeSlice.precision) &+ remainder &+ UInt64(slice.start)
    }

    /// The stream: the state in 5 to 8 bytes, then the words from the last to the first.
    public func finish() -> Data {
        var count = 5
        while count < 8, (state >> UInt64(8 * count)) != 0 { count += 1 }
        var writer = ByteWriter()
        writer.append(withUnsafeBytes(of: state.littleEndian) { Array($0.prefix(count)) })
        for word in words.reversed() { writer.append(word) }
        return Data(writer.bytes)
    }
}

/// The decoder of what `AsymmetricEncoder` wrote.
///
///     var decoder = AsymmetricDecoder(bytes)!
///     let symbol = table.symbol(at: decoder.offset)           // whose slice holds the offset
///     guard decoder.remove(table.slice(of: symbol)) else { throw damaged }
///     let isWhole = decoder.isFinished                        // after the last symbol: nothing is left
///
/// A damaged stream gives wrong symbols or ends early; it never reads beyond its bytes.
public struct AsymmetricDecoder {
    private var state: UInt64
    private var reader: ByteReader

    /// Nil for bytes that are not a stream.
    public init?(_ data: Data) {
        guard data.count >= 5 else { return nil }
        let bytes = [UInt8](data)
        let count = 5 + (bytes.count - 5) % 4
        state = (0..<count).reduce(0) { $0 | (UInt64(bytes[$1]) << UInt64(8 * $1)) }
        guard state >= AsymmetricEncoder.least, state < 1 << 63 else { return nil }
        reader = ByteReader(bytes, from: count)
    }

    /// An offset in the coder's range, 0 ..< 2^24, that lies in the slice of the next symbol.
    public var offset: UInt32 { UInt32(truncatingIfNeeded: state) & (RangeSlice.whole - 1) }

    /// Takes the next symbol off.
    /// - Returns: false if the stream ends too early.
    /// - Precondition: `offset` lies in the slice.
    public mutating func remove(_ slice: RangeSlice) -> Bool {
        assert(offset >= slice.start && offset - slice.start < slice.size)
        state = UInt64(slice.size) &* (state >> RangeSlice.precision) &+ UInt64(offset &- slice.start)
        if state < AsymmetricEncoder.least {
            guard let word = reader.integer(UInt32.self) else { return false }
            state = (state << 32) | UInt64(word)
        }
        return true
    }

    /// Whether all symbols have been taken off, no more and no fewer: the state is that of an encoder without symbols.
    public var isFinished: Bool { state == AsymmetricEncoder.least && reader.isAtEnd }
}
