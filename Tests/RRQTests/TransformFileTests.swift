import Datasets
import TestSupport
import Testing
import Training

@testable import RRQ

/// Files of pre-processing that state sizes out of proportion to what they hold.
@Suite struct TransformFileTests {
    private func write(_ path: String, width: Int, height: Int) throws {
        try SafeTensors.write(
            ["mean": Tensor([Float](repeating: 0, count: width * height))],
            metadata: [
                "format": "lloyd-transform-1", "dimension": "\(width * height)", "cosine": "true",
                "principal-components": "false", "band-size": "512", "width": "\(width)", "height": "\(height)",
                "channels": "1",
            ], to: path)
    }

    @Test func aSmallFileDoesNotAskForAGigabyte() throws {
        let folder = try ScratchFolder()
        for (width, height) in [(16384, 1), (1, 16384), (16384, 2)] {
            try write(folder / "long", width: width, height: height)
            let error = #expect(throws: LloydError.self) { try TransformFile.read(folder / "long") }
            #expect(error?.problem.contains("cosine transform") == true)
        }
        try write(folder / "usual", width: 168, height: 192)
        #expect(try TransformFile.read(folder / "usual").dimension == 168 * 192)
        try write(folder / "line", width: 512, height: 1)
        #expect(try TransformFile.read(folder / "line").dimension == 512)
    }

    /// What cannot be read again is not trained, either.
    @Test func aRunRefusesTheSameImages() throws {
        let settings = RRQRecipe.Settings()
        let long = ImageShape(width: 16384, height: 1, channels: 1)
        let error = #expect(throws: LloydError.self) {
            try settings.makeTransform(shape: long, dimension: 16384)
        }
        #expect("\(try #require(error))".contains("preprocessing.cosine"))
        var plain = settings
        plain.preprocessing.cosine = false
        #expect(try plain.makeTransform(shape: long, dimension: 16384).dimension == 16384)
    }
}
