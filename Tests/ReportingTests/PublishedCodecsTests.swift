import Foundation
import TestSupport
import Testing

@testable import Reporting

@Suite struct PublishedCodecsTests {
    @Test func theProjectsOwnFile() throws {
        let published = try PublishedCodecs(path: SyntheticNVTCRun.publishedFile)
        #expect(published.origin.contains("Kodak"))
        #expect(published.curves.count == 13)
        for curve in published.curves {
            let (rates, qualities) = (curve.rateDistortion.rates, curve.rateDistortion.qualities)
            #expect(rates.count >= 6 && rates == rates.sorted() && qualities == qualities.sorted(), "\(curve.name)")
        }
        let jpeg = try #require(published.curves.first)
        #expect(jpeg.name == "JPEG" && jpeg.rateDistortion.rates[0] == 0.22115)
    }

    @Test func filesOfOneCurveAndFoldersAreReadToo() throws {
        try ScratchFolder.withURL { folder in
            let file = folder.appendingPathComponent("codec.json")
            // As some publish them: highest rate first, "psnr", no name.
            try Data("{\"psnr\": [30.5, 28], \"bpp\": [0.5, 0.25]}".utf8).write(to: file)
            let expected = PublishedCodec(name: "codec", bpp: [0.25, 0.5], psnr: [28, 30.5])
            #expect(try PublishedCodecs(path: file.path).curves == [expected])
            #expect(try PublishedCodecs(path: folder.path).curves == [expected])
            let copy = folder.appendingPathComponent("copy.json")
            let whole = try PublishedCodecs(path: SyntheticNVTCRun.publishedFile)
            try Data(whole.json.prettyText.utf8).write(to: copy)
            #expect(try PublishedCodecs(path: copy.path) == whole)
        }
    }

    @Test func whatCannotBeReadIsNamed() throws {
        try ScratchFolder.withURL { (folder: URL) throws in
            let file = folder.appendingPathComponent("curves.json")
            func problem(_ text: String) throws -> String {
                try Data(text.utf8).write(to: file)
                do {
                    _ = try PublishedCodecs(path: file.path)
                    return "no error"
                } catch {
                    #expect("\(error)".contains(file.path))
                    return "\(error)"
                }
            }
            func curve(_ bpp: String, _ psnr: String, _ name: String = "a") -> String {
                "{\"name\": \"\(name)\", \"results\": {\"bpp\": \(bpp), \"psnr-rgb\": \(psnr)}}"
            }
            #expect(try problem("{").contains("not valid JSON"))
            #expect(try problem("3").contains("no list of curves"))
            #expect(try problem("[]").contains("no list of curves"))
            #expect(try problem("[1]").contains("curves[0]"))
            #expect(try problem("[\(curve("[1]", "[2, 3]"))]").contains("2 values for the 1 of bpp"))
            #expect(try problem("[\(curve("[]", "[]"))]").contains("no points"))
            #expect(try problem("[\(curve("[0, 1]", "[2, 3]"))]").contains("rate 0.0"))
            #expect(try problem("{\"name\": \"x\", \"results\": {\"bpp\": [1]}}").contains("results.psnr-rgb"))
            #expect(try problem("[\(curve("[1]", "[2]")), \(curve("[3]", "[4]"))]").contains("two curves"))
            #expect(try problem("[\(curve("[1]", "[2]")), \(curve("[3]", "[4]", "b"))]") == "no error")
            #expect(throws: LloydError.self) { try PublishedCodecs(path: folder.path + "/absent") }
        }
    }
}
