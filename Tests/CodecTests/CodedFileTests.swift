import Codec
import Datasets
import Foundation
import NVTC
import RRQ
import Testing

@Suite struct CodedFileTests {
    /// As a method brings it.
    private let kind = CodedFile.Kind(number: 200, parameters: 2)

    private func file(chunks: [Data]) -> CodedFile {
        var file = CodedFile(
            kind: kind, fingerprint: 0x0123_4567_89AB_CDEF, width: 300, height: 1, parameters: [3, 40])
        file.chunks = chunks
        return file
    }

    @Test func bytesAreAsDescribed() {
        let bytes = [UInt8](file(chunks: [Data([7, 8])]).data)
        #expect(
            Array(bytes[..<14]) == [0x8C, 0x4C, 0x4C, 0x44, 1, 200, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01])
        // 300 = 0x2C + 2 * 128, 1, the parameters, checksum; then a chunk of 2 bytes with its checksum.
        #expect(Array(bytes[14..<19]) == [0xAC, 0x02, 1, 3, 40])
        #expect(bytes.count == 19 + 4 + 1 + 4 + 2)
        #expect(bytes[23] == 2 && bytes.suffix(2) == [7, 8])
    }

    @Test func readsWhatItWrote() throws {
        let one = file(chunks: [Data([1, 2, 3]), Data(), Data(repeating: 9, count: 1000)])
        #expect(try CodedFile(one.data, name: "a", kinds: [kind]) == one)
    }

    @Test func everyDamageIsFound() throws {
        let data = file(chunks: [Data([1, 2, 3, 4]), Data([5, 6])]).data
        for index in data.indices {
            for bit in 0..<8 {
                var damaged = data
                damaged[index] ^= 1 << UInt8(bit)
                #expect(throws: LloydError.self) { _ = try CodedFile(damaged, name: "a", kinds: [kind]) }
            }
        }
        // A file may be cut between chunks: then the number of chunks tells, which the codec checks.
        let ends = [data.count, data.count - 7, data.count - 7 - 9]
        for count in 0..<data.count where !ends.contains(count) {
            #expect(throws: LloydError.self) { _ = try CodedFile(data.prefix(count), name: "a", kinds: [kind]) }
        }
        #expect(throws: LloydError.self) { _ = try CodedFile(data + [0], name: "a", kinds: [kind]) }
    }

    @Test func chunksCannotBeExchanged() throws {
        let one = file(chunks: [Data([1, 2]), Data([3, 4])]).data
        var swapped = one
        let size = 7
        let first = one.count - 2 * size
        swapped.replaceSubrange(first..<first + size, with: one[(first + size)...])
        swapped.replaceSubrange((first + size)..., with: one[first..<first + size])
        let error = #expect(throws: LloydError.self) { _ = try CodedFile(swapped, name: "a", kinds: [kind]) }
        #expect("\(error!)".contains("chunk 1"))
    }

    @Test func statedSizesAreLimited() throws {
        let wide = CodedFile(kind: kind, fingerprint: 1, width: 60_000, height: 60_000, parameters: [3, 40])
        let error = #expect(throws: LloydError.self) { _ = try CodedFile(wide.data, name: "a", kinds: [kind]) }
        #expect("\(error!)".contains("60000x60000"))
    }

    @Test func kindsAreThoseOfTheMethods() throws {
        let data = file(chunks: [Data([1])]).data
        let other = CodedFile.Kind(number: 201, parameters: 0)
        #expect(try CodedFile(data, name: "a", kinds: [other, kind]).kind == kind)
        let error = #expect(throws: LloydError.self) { _ = try CodedFile(data, name: "a", kinds: [other]) }
        #expect("\(error!)".contains("200") && "\(error!)".contains("another method"))
    }

    /// Files that are on somebody's disk: the kinds' numbers and parameters never change.
    @Test(arguments: [
        (CodedFile.Kind.vectorTransform, "8c4c4c44010188776655443322110403034ac524c102c05e77780708"),
        (CodedFile.Kind.residual, "8c4c4c440102887766554433221104030328018cf97af6023c8ea70b0708"),
    ])
    func filesOfEarlierVersionsAreRead(kind: CodedFile.Kind, hexadecimal: String) throws {
        let digits = Array(hexadecimal)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        let file = try CodedFile(Data(bytes), name: "a", kinds: [.residual, .vectorTransform])
        #expect(file.kind == kind && file.fingerprint == 0x1122_3344_5566_7788)
        #expect(file.width == 4 && file.height == 3 && file.chunks == [Data([7, 8])])
        #expect(file.parameters == (kind == .vectorTransform ? [3] : [3, 40, 1]))
        #expect(Array(file.data) == bytes)
    }
}
