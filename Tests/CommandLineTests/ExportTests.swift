import Foundation
import TestSupport
import Testing

@Suite struct ExportTests {
    /// A small run: 3 layers of 8 codewords in 24 dimensions.
    private func withRun(_ body: (_ folder: String, _ run: String) throws -> Void) throws {
        try ScratchFolder.withPath { folder in
            let text = """
                method: rrq
                shards: 4
                data: {source: gaussian, count: 200, dimension: 24, decay: 0.3}
                rrq: {layers: 3, codewords: 8, iterations: 2}
                """
            try text.write(toFile: folder + "/small.yaml", atomically: true, encoding: .utf8)
            let result = try lloyd(["train", folder + "/small.yaml", "--run", folder + "/run"])
            try #require(result.status == 0, "\(result)")
            try body(folder, folder + "/run")
        }
    }

    private func lloyd(_ arguments: [String]) throws -> ChildProcess.Result {
        try ChildProcess.run(
            ProductsFolder.executable("lloyd"), arguments: arguments, environment: MPIRun.childEnvironment())
    }

    private func export(_ arguments: [String]) throws -> ChildProcess.Result { try lloyd(["export"] + arguments) }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// An array as its format's documentation describes it, read without the program's own code.
    private struct StoredArray {
        var shape: [Int]
        var type: String
        var bytes: Data
        func numbers<Number>(_ type: Number.Type) -> [Number] {
            bytes.withUnsafeBytes { raw in
                (0..<bytes.count / MemoryLayout<Number>.size).map {
                    raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.size, as: type)
                }
            }
        }
    }

    private func numPy(_ path: String) throws -> StoredArray {
        let data = try bytes(path)
        #expect(data.prefix(8) == Data([0x93] + Array("NUMPY".utf8) + [1, 0]))
        let length = Int(data[8]) + Int(data[9]) << 8
        #expect((10 + length) % 64 == 0)
        let header = String(decoding: data[10..<10 + length], as: UTF8.self)
        let shape = try #require(header.split(separator: "(").last?.split(separator: ")").first)
        return StoredArray(
            shape: shape.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) },
            type: header.contains("'<f4'") ? "float32" : header.contains("'<i4'") ? "int32" : header,
            bytes: data.dropFirst(10 + length))
    }

    private func safeTensors(_ path: String) throws -> [String: StoredArray] {
        let data = try bytes(path)
        let length = Int(data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let json = try #require(
            try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]])
        return try json.filter { $0.key != "__metadata__" }.mapValues { entry in
            let offsets = try #require(entry["data_offsets"] as? [Int])
            return StoredArray(
                shape: try #require(entry["shape"] as? [Int]), type: try #require(entry["dtype"] as? String),
                bytes: Data(data[8 + length + offsets[0]..<8 + length + offsets[1]]))
        }
    }

    @Test func writesTheRunsNumbersUnchanged() throws {
        try withRun { folder, run in
            let out = folder + "/npy"
            let result = try export([run, "--out", out, "--json", folder + "/list.json"])
            #expect(result.status == 0, "\(result)")
            let list = try #require(
                try JSONSerialization.jsonObject(with: bytes(folder + "/list.json")) as? [[String: Any]])
            #expect(list.count == 6)
            #expect(try export([run, "--out", folder + "/dense", "--dense"]).status == 0)
            #expect(try export([run, "--out", folder + "/one", "--format", "safetensors"]).status == 0)
            let together = try safeTensors(folder + "/one/codebooks.safetensors")
            #expect(together.count == 6)
            for layer in 1...3 {
                let source = try safeTensors(run + "/codebooks/layer-000\(layer).safetensors")
                let (values, active) = (source["values"]!, source["active"]!)
                #expect(values.shape[0] == 8 && values.shape[1] == active.shape[0])
                let exported = try numPy(out + "/layer-000\(layer)-values.npy")
                #expect(exported.shape == values.shape && exported.type == "float32")
                #expect(Data(exported.bytes) == values.bytes)
                let dimensions = try numPy(out + "/layer-000\(layer)-active.npy")
                #expect(dimensions.shape == active.shape && dimensions.type == "int32")
                #expect(Data(dimensions.bytes) == active.bytes)
                #expect(together["layer-000\(layer).values"]!.bytes == values.bytes)
                #expect(together["layer-000\(layer).active"]!.bytes == active.bytes)
                let dense = try numPy(folder + "/dense/layer-000\(layer)-dense.npy")
                #expect(dense.shape == [8, 24])
                var expected = [Float](repeating: 0, count: 8 * 24)
                let numbers = values.numbers(Float.self)
                for (column, dimension) in active.numbers(Int32.self).enumerated() {
                    for codeword in 0..<8 {
                        expected[codeword * 24 + Int(dimension)] = numbers[codeword * values.shape[1] + column]
                    }
                }
                #expect(dense.numbers(Float.self) == expected)
                #expect(expected.contains { $0 != 0 })
            }
        }
    }

    @Test func takesLayersAndSingleFiles() throws {
        try withRun { folder, run in
            #expect(try export([run, "--out", folder + "/some", "--layers", "1,3-3"]).status == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/some").sorted()
            #expect(
                names == [
                    "layer-0001-active.npy", "layer-0001-values.npy", "layer-0003-active.npy", "layer-0003-values.npy",
                ])
            let file = run + "/codebooks/layer-0002.safetensors"
            #expect(try export([file, "--out", folder + "/single"]).status == 0)
            #expect(FileManager.default.fileExists(atPath: folder + "/single/layer-0002-values.npy"))
        }
    }

    @Test func neverOverwritesUnasked() throws {
        try withRun { folder, run in
            let file = folder + "/out/layer-0002-active.npy"
            try FileManager.default.createDirectory(atPath: folder + "/out", withIntermediateDirectories: true)
            try "mine".write(toFile: file, atomically: true, encoding: .utf8)
            let refused = try export([run, "--out", folder + "/out"])
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("layer-0002-active.npy: exists already"), "\(refused)")
            #expect(try bytes(file) == Data("mine".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/out").count == 1)
            #expect(try export([run, "--out", folder + "/out", "--overwrite"]).status == 0)
            #expect(try numPy(file).type == "int32")
        }
    }

    @Test func refusesWhatIsNoCodebook() throws {
        try withRun { folder, run in
            func refused(_ arguments: [String], _ status: Int32, _ words: String) throws {
                let result = try export(arguments + ["--out", folder + "/never"])
                #expect(result.status == status, "\(arguments): \(result)")
                #expect(result.standardError.contains(words), "\(arguments): \(result)")
                #expect(!FileManager.default.fileExists(atPath: folder + "/never"))
            }
            try refused([run, "--layers", "3-1"], 2, "--layers")
            try refused([run, "--layers", "0"], 2, "--layers")
            try refused([run, "--layers", "2-5"], 1, "has no layer 4 (nor 1 more")
            try refused([run, run], 1, "is layer 1, and so is")
            try refused([folder], 1, "holds no codebooks")
            try refused([folder + "/nothing"], 1, "does not exist")
            try refused([folder + "/small.yaml"], 1, "small.yaml")
            try refused([], 2, "run-or-file")
            let third = run + "/codebooks/layer-0003.safetensors"
            let whole = try bytes(third)
            try whole.dropLast(5).write(to: URL(fileURLWithPath: third))
            try refused([run], 1, "layer-0003.safetensors")
            try FileManager.default.removeItem(atPath: run + "/codebooks/layer-0002.safetensors")
            try refused([run], 1, "layer-0002.safetensors: is missing")
            try whole.write(to: URL(fileURLWithPath: run + "/codebooks/layer-0002.safetensors"))
            try refused([run], 1, "is layer 3 by its metadata, but layer 2 by its name")
        }
    }

    @Test(.enabled(if: PythonScript.has("numpy"), "needs NumPy: python3 -m pip install numpy"))
    func numPyReadsIt() throws {
        try withRun { folder, run in
            #expect(try export([run, "--out", folder + "/out"]).status == 0)
            #expect(try export([run, "--out", folder + "/out", "--dense"]).status == 0)
            let program = """
                import numpy, sys
                stem = sys.argv[1] + "/layer-0001-"
                values, active, dense = (numpy.load(stem + name + ".npy") for name in ("values", "active", "dense"))
                assert values.dtype == numpy.float32 and active.dtype == numpy.int32
                assert (dense[:, active] == values).all()
                assert numpy.count_nonzero(dense) == numpy.count_nonzero(values) > 0
                """
            let result = try ChildProcess.run("/usr/bin/env", arguments: ["python3", "-c", program, folder + "/out"])
            #expect(result.status == 0, "\(result)")
        }
    }
}
