import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

/// Vectors become codes and come back: `lloyd quantize` and `lloyd dequantize`.
@Suite struct QuantizeTests {
    private static let config = """
        method: rrq
        shards: 4
        data: {source: vectors, path: train.npy, test-fraction: 0}
        rrq: {layers: 4, codewords: 16, iterations: 4}
        """

    /// A trained run, and 1,500 other vectors of the same kind: more than one block of 1,024.
    private static let folder = Result<ScratchFolder, any Error> {
        let folder = try ScratchFolder()
        let source = VarianceDecayingGaussian(count: 3500, dimension: 24, decay: 0.1, seed: 3)
        try NumPyFile.write(source.readShard(0..<2000), to: folder / "train.npy")
        try NumPyFile.write(source.readShard(2000..<3500), to: folder / "new.npy")
        try folder.write(config, to: "small.yaml")
        let trained = try LloydProgram.run(["train", "small.yaml", "--run", "run"], folder: folder.path)
        try #require(trained.status == 0, "\(trained)")
        return folder
    }

    private func lloyd(_ arguments: [String], ranks: Int? = nil) throws -> ChildProcess.Result {
        let folder = try Self.folder.get().path
        guard let ranks else { return try LloydProgram.run(arguments, folder: folder) }
        return try MPIRun.run(
            executable: LloydProgram.path.get(), ranks: ranks, arguments: arguments, folder: folder)
    }

    private struct Figures: Decodable {
        struct Layer: Decodable {
            var used: Int
            var perplexity: Double
        }
        var vectors: Int
        var bits: Double
        var squaredError: Double
        var distortion: Double
        var layers: [Layer]
    }

    private func rows(_ name: String) throws -> Matrix {
        let file = try NumPyVectors(Self.folder.get() / name)
        return try file.readShard(0..<file.count)
    }

    /// The mean squared error of a reconstruction, from the files alone.
    private func squaredError(_ name: String) throws -> Double {
        let (wanted, found) = (try rows("new.npy"), try rows(name))
        try #require(wanted.rows == found.rows && wanted.columns == found.columns)
        var sum = 0.0
        for index in 0..<wanted.count {
            let difference = Double(wanted.pointer[index] - found.pointer[index])
            sum += difference * difference
        }
        return sum / Double(wanted.rows)
    }

    @Test func codesAreThoseOfTheReconstruction() throws {
        let folder = try Self.folder.get()
        let result = try lloyd([
            "quantize", "run", "new.npy", "--codes", "codes.npy", "--reconstruction", "decoded.npy", "--json",
            "codes.json",
        ])
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("1500 x 4, uint8; 16 bits"), "\(result)")
        let figures = try JSONDecoder().decode(Figures.self, from: folder.bytes(of: "codes.json"))
        #expect(figures.vectors == 1500 && figures.bits == 16 && figures.layers.count == 4)
        #expect(figures.layers.allSatisfy { $0.used <= 16 && $0.perplexity <= 16.001 && $0.perplexity > 1 })
        #expect(figures.distortion > 0.05 && figures.distortion < 0.8, "\(figures)")
        let measured = try squaredError("decoded.npy")
        #expect(abs(measured / figures.squaredError - 1) < 1e-4, "\(measured) \(figures)")
        let back = try lloyd(["dequantize", "run", "codes.npy", "--out", "again.npy", "--threads", "2"])
        #expect(back.status == 0, "\(back)")
        #expect(try folder.bytes(of: "again.npy") == folder.bytes(of: "decoded.npy"))
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), arguments: [1, 4])
    func codesAreTheSameForAnyRanksAndThreads(beam: Int) throws {
        let folder = try Self.folder.get()
        func codes(_ name: String, ranks: Int? = nil, threads: Int = 1) throws -> Data {
            let result = try lloyd(
                [
                    "quantize", "run", "new.npy", "--codes", name, "--beam", "\(beam)", "--threads", "\(threads)",
                    "--reconstruction", "x-" + name, "--json", name + ".json",
                ], ranks: ranks)
            #expect(result.status == 0, "\(result)")
            return try folder.bytes(of: name) + folder.bytes(of: "x-" + name) + folder.bytes(of: name + ".json")
        }
        let wanted = try codes("beam-\(beam).npy")
        #expect(try codes("threads-\(beam).npy", threads: 2) == wanted)
        for ranks in 2...4 { #expect(try codes("ranks-\(beam)-\(ranks).npy", ranks: ranks) == wanted, "\(ranks)") }
    }

    @Test func aBeamErrsLess() throws {
        var errors: [Double] = []
        for beam in [1, 2, 8] {
            let result = try lloyd([
                "quantize", "run", "new.npy", "--codes", "b\(beam).npy", "--beam", "\(beam)", "--reconstruction",
                "d\(beam).npy",
            ])
            #expect(result.status == 0, "\(result)")
            errors.append(try squaredError("d\(beam).npy"))
        }
        #expect(errors[1] < errors[0] && errors[2] < errors[1], "\(errors)")
    }

    @Test func firstLayersAreACoarserCode() throws {
        let folder = try Self.folder.get()
        #expect(try lloyd(["quantize", "run", "new.npy", "--codes", "all.npy"]).status == 0)
        #expect(
            try lloyd([
                "quantize", "run", "new.npy", "--codes", "two.npy", "--layers", "2", "--reconstruction", "c.npy",
            ])
            .status == 0)
        #expect(try lloyd(["dequantize", "run", "all.npy", "--out", "e.npy", "--layers", "2"]).status == 0)
        #expect(try lloyd(["dequantize", "run", "two.npy", "--out", "f.npy"]).status == 0)
        #expect(try folder.bytes(of: "e.npy") == folder.bytes(of: "c.npy"))
        #expect(try folder.bytes(of: "f.npy") == folder.bytes(of: "c.npy"))
    }

    @Test func faultsAreErrorsThatNameTheFile() throws {
        let folder = try Self.folder.get()
        try NumPyFile.write(Matrix(rows: 3, columns: 23), to: folder / "narrow.npy")
        try NumPyFile.write([0, 3, 16, 1] as [UInt8], shape: [1, 4], to: folder / "high.npy")
        try NumPyFile.write([0, 0.5, 1, 1] as [Float], shape: [1, 4], to: folder / "broken.npy")
        try NumPyFile.write([0, 3, 1, 1, 1] as [UInt8], shape: [1, 5], to: folder / "deep.npy")
        let whole = try folder.bytes(of: "high.npy")
        try folder.write(whole.dropLast(), to: "cut.npy")
        try folder.write("method: rrq\n", to: "empty/config.yaml")
        let cases: [([String], [String])] = [
            (["quantize", "run", "narrow.npy", "--codes", "x.npy"], ["narrow.npy", "dimension 23", "have 24"]),
            (
                ["quantize", "run", "new.npy", "--codes", "x.npy", "--layers", "5"],
                ["run", "holds 4 layers, not the 5"]
            ),
            (["quantize", "empty", "new.npy", "--codes", "x.npy"], ["transform.safetensors", "is missing"]),
            (["quantize", "run", "new.npy", "--codes", "new.npy"], ["new.npy"]),
            (["dequantize", "run", "high.npy", "--out", "x.npy"], ["high.npy", "holds 16", "layer 3", "0 to 15"]),
            (["dequantize", "run", "broken.npy", "--out", "x.npy"], ["broken.npy", "holds 0.5", "layer 2"]),
            (["dequantize", "run", "deep.npy", "--out", "x.npy"], ["deep.npy", "codes of 5 layers", "has 4"]),
            (["dequantize", "run", "cut.npy", "--out", "x.npy"], ["cut.npy", "cut short"]),
            (["quantize", "run", "new.npy", "--codes", "x.npy", "--beam", "0"], ["--beam"]),
        ]
        for (arguments, words) in cases {
            let result = try lloyd(arguments)
            #expect(result.status == 1 || result.status == 2, "\(arguments): \(result)")
            for word in words { #expect(result.standardError.contains(word), "\(word): \(result)") }
            #expect(!FileManager.default.fileExists(atPath: folder / "x.npy"), "\(arguments)")
        }
    }
}
