import Foundation
import Numerics
import Testing

@testable import Codec

@Suite struct EntropyCodingTests {
    /// Numbers without a pattern, the same on every machine.
    private func number(_ index: Int, below limit: UInt64) -> Int {
        var x = UInt64(index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((x ^ (x >> 31)) % limit)
    }

    @Test(arguments: [0, 1, 2, 3, 10, 1000, 20_000])
    func symbolsComeBackAtTheirEntropy(count: Int) throws {
        let table = FrequencyTable(counts: [1_000_000, 50_000, 3000, 100, 1, 0])!
        let symbols = (0..<count).map { index -> Int in
            let draw = number(index, below: 1_053_101)
            return draw < 1_000_000 ? 0 : draw < 1_050_000 ? 1 : draw < 1_053_000 ? 2 : 3 + index % 3
        }
        var encoder = AsymmetricEncoder()
        for symbol in symbols.reversed() { encoder.append(table.slice(of: symbol)) }
        let bytes = encoder.finish()
        let bits = symbols.reduce(0.0) { $0 - log2(Double(table.slice(of: $1).size) / Double(RangeSlice.whole)) }
        #expect(Double(bytes.count) <= bits / 8 + 5.1)
        #expect(Double(bytes.count) >= bits / 8)
        var decoder = try #require(AsymmetricDecoder(bytes))
        for symbol in symbols {
            let found = table.symbol(at: decoder.offset)
            #expect(found == symbol)
            let isThere = decoder.remove(table.slice(of: found))
            #expect(isThere)
        }
        #expect(decoder.isFinished)
    }

    @Test func streamsThatAreNoneAreRefused() {
        #expect(AsymmetricDecoder(Data()) == nil)
        #expect(AsymmetricDecoder(Data([1, 2, 3, 4])) == nil)
        // A state below 2^31, and one above 2^63.
        #expect(AsymmetricDecoder(Data([0, 0, 0, 0x7F, 0])) == nil)
        #expect(AsymmetricDecoder(Data([0, 0, 0, 0, 0, 0, 0, 0x80])) == nil)
    }

    @Test func aTableGivesEverySymbolItsShare() throws {
        let table = try #require(FrequencyTable(counts: [3, 0, 1, UInt64.max >> 1]))
        var start: UInt32 = 0
        for symbol in 0..<table.symbols {
            let slice = table.slice(of: symbol)
            #expect(slice.start == start && slice.size > 0)
            start += slice.size
            #expect(table.symbol(at: slice.start) == symbol && table.symbol(at: start - 1) == symbol)
        }
        #expect(start == RangeSlice.whole)
        #expect(table.slice(of: 3).size == RangeSlice.whole - 3)
        #expect(FrequencyTable(counts: []) == nil)
    }

    @Test(arguments: [1, 2, 7, 8, 15, 16, 128, 511, 4096])
    func slicesFollowTheSoftmax(symbols: Int) throws {
        let logits = AlignedBuffer<Float>(count: symbols)
        for index in 0..<symbols { logits[index] = Float(number(index, below: 4000)) / 400 - 5 }
        let slices = LogitSlices(symbols: symbols)
        #expect(slices.prepare(logits.pointer))
        let largest = Double((0..<symbols).map { logits[$0] }.max()!)
        let total = (0..<symbols).reduce(0.0) { $0 + exp(Double(logits[$1]) - largest) }
        var (start, cost, entropy): (UInt32, Double, Double) = (0, 0, 0)
        for symbol in 0..<symbols {
            let slice = slices.slice(of: symbol)
            #expect(slice.start == start && slice.size >= 1)
            start += slice.size
            for offset in [slice.start, start - 1] {
                let (found, same) = slices.symbol(at: offset)
                #expect(found == symbol && same == slice)
            }
            let p = exp(Double(logits[symbol]) - largest) / total
            cost -= p * log2(Double(slice.size) / Double(RangeSlice.whole))
            entropy -= p * log2(p)
        }
        #expect(start == RangeSlice.whole)
        #expect(cost - entropy < 1e-3 && cost >= entropy - 1e-6, "\(cost) against \(entropy)")
    }

    @Test func extremeLogitsHaveSlicesToo() {
        let slices = LogitSlices(symbols: 20)
        let logits = AlignedBuffer<Float>(count: 20)
        for index in 0..<20 { logits[index] = index == 11 ? 3e38 : -3e38 }
        #expect(slices.prepare(logits.pointer))
        #expect(slices.slice(of: 11).size == RangeSlice.whole - 19 && slices.slice(of: 12).size == 1)
        for bad in [Float.nan, .infinity, -.infinity] {
            for index in [0, 9, 19] {
                for other in 0..<20 { logits[other] = 0 }
                logits[index] = bad
                // A logit of minus infinity is a probability of 0: it has the least slice.
                #expect(slices.prepare(logits.pointer) == (bad == -.infinity), "\(bad) at \(index)")
            }
        }
    }
}
