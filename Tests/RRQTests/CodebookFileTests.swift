import Datasets
import Foundation
import Numerics
import Quantization
import TestSupport
import Testing

@testable import RRQ

@Suite struct CodebookFileTests {
    private func codebook() -> SparseCodebook {
        let codebook = SparseCodebook(dimension: 100, active: [0, 3, 50, 99], codewords: 5)
        for place in 0..<20 { codebook.values.storage[place] = Float(place) / 3 - 2 }
        return codebook
    }

    @Test func roundTrip() throws {
        let folder = try ScratchFolder()
        let written = codebook()
        try CodebookFile.write(written, layer: 7, to: folder / "a.safetensors")
        let read = try CodebookFile.read(folder / "a.safetensors")
        #expect(read.dimension == 100 && read.active == written.active && read.codewords == 5)
        #expect(Array(read.values.storage.elements) == Array(written.values.storage.elements))
        try CodebookFile.write(read, layer: 7, to: folder / "b.safetensors")
        #expect(try folder.bytes(of: "a.safetensors") == folder.bytes(of: "b.safetensors"))
    }

    @Test func allLayersUpToTheFirstThatIsMissingOrDamaged() throws {
        let folder = try ScratchFolder()
        func finished() throws -> [Float] {
            let layers = FinishedLayers(folder: folder / CodebookFile.folderName)
            return try (0..<layers.count).map { try layers.codebook($0).values.storage[0] }
        }
        #expect(try finished().isEmpty)
        for layer in [1, 2, 3, 5] {
            let codebook = codebook()
            codebook.values.storage[0] = Float(layer)
            try folder.write(Data(), to: CodebookFile.name(layer: layer))
            try CodebookFile.write(codebook, layer: layer, to: folder / CodebookFile.name(layer: layer))
        }
        #expect(try finished() == [1, 2, 3])
        // A bit of a codeword, which makes no less of a number.
        var bytes = try folder.bytes(of: CodebookFile.name(layer: 2))
        bytes[bytes.count - 6] ^= 1
        try folder.write(bytes, to: CodebookFile.name(layer: 2))
        #expect(try finished() == [1])
        let warnings = FinishedLayers(folder: folder / CodebookFile.folderName).warnings
        #expect(warnings.count == 1 && warnings[0].contains("layer 2") && warnings[0].contains("checksum"))
    }

    @Test func whatIsNoCodebookIsRefused() throws {
        let folder = try ScratchFolder()
        let good = ["format": "lloyd-codebook-1", "layer": "1", "dimension": "10", "codewords": "2"]
        let active = Tensor([0, 4, 9] as [Int32])
        let values = Tensor([Float](repeating: 1, count: 6), shape: [2, 3])
        func message(_ tensors: [String: Tensor], _ metadata: [String: String]) throws -> String {
            try SafeTensors.write(tensors, metadata: metadata, to: folder / "file.safetensors")
            do {
                _ = try CodebookFile.read(folder / "file.safetensors")
                return "accepted"
            } catch {
                #expect("\(error)".contains(folder / "file.safetensors"))
                return "\(error)"
            }
        }
        #expect(try message(["active": active, "values": values], good) == "accepted")
        for key in ["format", "dimension"] {
            var metadata = good
            metadata[key] = nil
            #expect(try message(["active": active, "values": values], metadata).contains("metadata"))
        }
        #expect(try message(["values": values], good).contains("active"))
        #expect(try message(["active": active], good).contains("values"))
        let faults: [(String, Tensor, Tensor)] = [
            ("ascend", Tensor([0, 9, 4] as [Int32]), values), ("ascend", Tensor([0, 4, 10] as [Int32]), values),
            ("ascend", Tensor([-1, 4, 9] as [Int32]), values), ("ascend", Tensor([4, 4, 9] as [Int32]), values),
            ("active dimensions", Tensor([0, 4] as [Int32]), values),
            ("finite", active, Tensor([1, 1, 1, Float.nan, 1, 1], shape: [2, 3])),
            ("values", active, Tensor([Double](repeating: 1, count: 6), shape: [2, 3])),
            ("active", Tensor([0, 4, 9] as [Int64]), values),
        ]
        for (word, active, values) in faults {
            let text = try message(["active": active, "values": values], good)
            #expect(text != "accepted" && text.contains(word), "\(text)")
        }
    }

    @Test func damagedFilesNeverCrash() throws {
        let folder = try ScratchFolder()
        try CodebookFile.write(codebook(), layer: 1, to: folder / "whole")
        let bytes = Array(try folder.bytes(of: "whole"))
        var refused = 0
        let random = CounterRandom(seed: 5, purpose: .test)
        for trial in 0..<600 {
            var copy = bytes
            if trial < bytes.count, trial % 2 == 0 {
                copy.removeLast(trial + 1)
            } else {
                let place = random.integer(below: bytes.count, item: trial)
                copy[place] ^= UInt8(1 + random.integer(below: 255, item: trial, draw: 1))
            }
            try folder.write(Data(copy), to: "damaged")
            do {
                let codebook = try CodebookFile.read(folder / "damaged")
                // What is accepted can be used: every active dimension lies within the vectors.
                #expect(codebook.active.allSatisfy { $0 >= 0 && $0 < codebook.dimension })
                #expect(codebook.values.columns == codebook.active.count)
            } catch is LloydError { refused += 1 }
        }
        #expect(refused > 200)
        for text in ["", "\0", "not a file of tensors"] {
            try folder.write(text, to: "damaged")
            #expect(throws: LloydError.self) { try CodebookFile.read(folder / "damaged") }
        }
        #expect(throws: LloydError.self) { try CodebookFile.read(folder / "absent") }
    }
}
