import Datasets
import Foundation
import RRQ
import TestSupport
import Testing

/// `lloyd encode` and `lloyd decode` with the run of an RRQ training.
@Suite(.timeLimit(.minutes(15))) struct ResidualCommandTests {
    @Test func facesBecomeFilesAndBack() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        let run = folder / "run"
        func lloyd(_ arguments: [String], _ status: Int32 = 0, _ words: String = "") throws {
            let result = try LloydProgram.run(arguments)
            #expect(result.status == status, "\(arguments): \(result)")
            #expect(
                words.isEmpty || (result.standardOutput + result.standardError).contains(words),
                "\(arguments): \(result)")
        }
        try lloyd(["train", config, "--run", run])
        let (image, file) = (folder / "face.png", folder / "face.lloyd")
        let leaves = DeadLeaves(count: 3, width: 16, height: 16, channels: 1, seed: 99)
        try VectorImages(leaves).image(1).gray().writePNG(to: image)

        try lloyd(["encode", "--model", run, image, file, "--verify"], 0, "5 layers")
        try lloyd(["decode", "--model", run, file, folder / "whole.png"], 0, "5 of 5 layers")
        // Two layers of the file are what two layers alone give.
        try lloyd(["decode", "--model", run, file, folder / "two.png", "--layers", "2"], 0, "2 of 5 layers")
        try lloyd(["encode", "--model", run, image, folder / "two.lloyd", "--layers", "2", "--fixed-length"])
        try lloyd(["decode", "--model", run, folder / "two.lloyd", folder / "two-alone.png"], 0, "2 of 2 layers")
        #expect(try folder.bytes(of: "two.png") == folder.bytes(of: "two-alone.png"))
        #expect(try folder.bytes(of: "two.png") != folder.bytes(of: "whole.png"))
        // Indices of 4 bits: two of five bytes' worth.
        try lloyd(["encode", "--model", run, image, folder / "fixed.lloyd", "--fixed-length"])
        try folder.write(folder.bytes(of: "fixed.lloyd").dropLast(1), to: "short.lloyd")
        try lloyd(["decode", "--model", run, folder / "short.lloyd", folder / "short.png"], 1, "ends within chunk 1")
        try lloyd(
            ["decode", "--model", run, folder / "short.lloyd", folder / "short.png", "--layers", "2"], 0, "cut short")
        #expect(try folder.bytes(of: "short.png") == folder.bytes(of: "two.png"))

        try lloyd(["encode", "--model", run, image, file, "--layers", "6"], 1, "holds 5 layers")
        try lloyd(["encode", "--model", run, image, file, "--lambda", "8"], 1, "no lambda")
        try lloyd(["encode", "--model", folder / "none", image, file], 1, "holds no model")
        try lloyd(["decode", "--model", folder / "none", file, folder / "x.png"], 1, "none")

        // What an earlier version left: no counts, no pre-processing. A resumption brings both, with the same bytes.
        let wanted = try LloydProgram.results(folder, "run")
        for layer in 1...5 {
            let path = run + "/" + CodebookFile.name(layer: layer)
            try CodebookFile.write(CodebookFile.read(path), layer: layer, to: path)
        }
        try lloyd(["encode", "--model", run, image, folder / "old.lloyd"], 0, "fixed length is used")
        #expect(try folder.bytes(of: "old.lloyd") == folder.bytes(of: "fixed.lloyd"))
        try lloyd(["decode", "--model", run, file, folder / "x.png"], 1, "was made with other layers")
        try FileManager.default.removeItem(atPath: run + "/" + TransformFile.name)
        try lloyd(["encode", "--model", run, image, file], 1, "--resume")
        try lloyd(["train", config, "--run", run, "--resume"])
        LloydProgram.expectSame(try LloydProgram.results(folder, "run"), wanted, "resumed after an earlier version")
        try lloyd(["decode", "--model", run, file, folder / "again.png"])
        #expect(try folder.bytes(of: "again.png") == folder.bytes(of: "whole.png"))
    }
}
