import Codec
import Datasets
import Foundation
import Testing

@Suite struct CodedFileTests {
    private func file(chunks: [Data]) -> CodedFile {
        var file = CodedFile(
            kind: .vectorTransform, fingerprint: 0x0123_4567_89AB_CDEF, width: 300, height: 1, parameters: [3])
        file.chunks = chunks
        return file
    }

    @Test func bytesAreAsDescribed() {
        let bytes = [UInt8](file(chunks: [Data([7, 8])]).data)
        #expect(Array(bytes[..<14]) == [0x8C, 0x4C, 0x4C, 0x44, 1, 1, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01])
        // 300 = 0x2C + 2 * 128, 1, 3 channels, checksum; then a chunk of 2 bytes with its checksum.
        #expect(Array(bytes[14..<18]) == [0xAC, 0x02, 1, 3])
        #expect(bytes.count == 18 + 4 + 1 + 4 + 2)
        #expect(bytes[22] == 2 && bytes.suffix(2) == [7, 8])
    }

    @Test func readsWhatItWrote() throws {
        let one = file(chunks: [Data([1, 2, 3]), Data(), Data(repeating: 9, count: 1000)])
        #expect(try CodedFile(one.data, name: "a") == one)
    }

    @Test func everyDamageIsFound() throws {
        let data = file(chunks: [Data([1, 2, 3, 4]), Data([5, 6])]).data
        for place in data.indices {
            for bit in 0..<8 {
                var damaged = data
                damaged[place] ^= 1 << UInt8(bit)
                #expect(throws: DatasetError.self) { _ = try CodedFile(damaged, name: "a") }
            }
        }
        // A file may be cut between chunks: then the number of chunks tells, which the codec checks.
        let ends = [data.count, data.count - 7, data.count - 7 - 9]
        for count in 0..<data.count where !ends.contains(count) {
            #expect(throws: DatasetError.self) { _ = try CodedFile(data.prefix(count), name: "a") }
        }
        #expect(throws: DatasetError.self) { _ = try CodedFile(data + [0], name: "a") }
    }

    @Test func chunksCannotBeExchanged() throws {
        let one = file(chunks: [Data([1, 2]), Data([3, 4])]).data
        var swapped = one
        let size = 7
        let first = one.count - 2 * size
        swapped.replaceSubrange(first..<first + size, with: one[(first + size)...])
        swapped.replaceSubrange((first + size)..., with: one[first..<first + size])
        let error = #expect(throws: DatasetError.self) { _ = try CodedFile(swapped, name: "a") }
        #expect("\(error!)".contains("chunk 1"))
    }

    @Test func statedSizesAreLimited() throws {
        let wide = CodedFile(kind: .vectorTransform, fingerprint: 1, width: 60_000, height: 60_000, parameters: [3])
        let error = #expect(throws: DatasetError.self) { _ = try CodedFile(wide.data, name: "a") }
        #expect("\(error!)".contains("60000x60000"))
    }
}
