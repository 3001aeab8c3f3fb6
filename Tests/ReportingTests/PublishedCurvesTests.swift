import Foundation
import TestSupport
import Testing
import ToySources

@testable import Reporting

@Suite struct PublishedCurvesTests {
    @Test func theProjectsOwnFile() throws {
        let published = try PublishedToyCurves(path: SyntheticToyRun.publishedFile)
        #expect(published.curves.count == 46)
        #expect(published.origin.contains("CVPR 2023"))
        let ecvq = try #require(published.curve(source: "boomerang", dimension: 2, method: "ecvq"))
        #expect(ecvq.bpd[6] == 2.8352 && ecvq.psnr[6] == 19.39)
        #expect(published.of(source: "normaliid", dimension: 4).curves.map(\.method) == ["ecvq", "ntc"])
        #expect(published.curve(source: "boomerang", dimension: 4, method: "ecvq") == nil)
    }

    /// The same curves as a folder of files in CompressAI's form, and as the run's own copy.
    @Test func aFolderReadsAsTheFileDoes() throws {
        let published = try PublishedToyCurves(path: SyntheticToyRun.publishedFile)
        try ScratchFolder.withURL { folder in
            for curve in published.curves {
                let json: JSONValue = [
                    "name": "", "description": "",
                    "results": [
                        "bpd": .array(curve.bpd.map { .number($0) }), "psnr": .array(curve.psnr.map { .number($0) }),
                    ],
                ]
                let name = "\(curve.source)_\(curve.dimension)d_\(curve.method).json"
                try Data(json.prettyText.utf8).write(to: folder.appendingPathComponent(name))
            }
            try Data("not a curve".utf8).write(to: folder.appendingPathComponent("README.md"))
            let read = try PublishedToyCurves(path: folder.path)
            #expect(read.origin.isEmpty && read.curves.count == 46)
            for curve in published.curves { #expect(read.curves.contains(curve)) }
            let copy = folder.appendingPathComponent("copy.json")
            try Data(published.json.prettyText.utf8).write(to: copy)
            #expect(try PublishedToyCurves(path: copy.path) == published)
        }
    }

    @Test func whatCannotBeReadIsNamed() throws {
        try ScratchFolder.withURL { folder in
            let file = folder.appendingPathComponent("curves.json")
            func problem(_ text: String) throws -> String {
                try Data(text.utf8).write(to: file)
                do {
                    _ = try PublishedToyCurves(path: file.path)
                    return "no error"
                } catch {
                    #expect("\(error)".contains(file.path))
                    return "\(error)"
                }
            }
            func curve(_ bpd: String, _ psnr: String, _ dimension: String = "2") -> String {
                "{\"source\": \"s\", \"dimension\": \(dimension), \"method\": \"m\", \"bpd\": \(bpd), \"psnr\": \(psnr)}"
            }
            #expect(try problem("{").contains("not valid JSON"))
            #expect(try problem("3").contains("no list of curves"))
            #expect(try problem("{\"origin\": \"x\"}").contains("not a curve"))
            #expect(try problem("[1]").contains("curves[0]"))
            #expect(try problem("[\(curve("[1]", "[2, 3]"))]").contains("1 rates and 2 PSNRs"))
            #expect(try problem("[\(curve("[]", "[]"))]").contains("no points"))
            #expect(try problem("[\(curve("[0, 1]", "[2, 3]"))]").contains("rate 0.0"))
            #expect(try problem("[\(curve("[1]", "[\"x\"]"))]").contains("curves[0]"))
            #expect(try problem("[\(curve("[1]", "[2]", "0"))]").contains("dimension is 0"))
            #expect(try problem("[\(curve("[1]", "[2]", "1e300"))]").contains("curves[0]"))
            #expect(try problem("[\(curve("[1]", "[2]")), \(curve("[3]", "[4]"))]").contains("two curves"))
            #expect(try problem("[\(curve("[1]", "[2]"))]") == "no error")
            #expect(throws: LloydError.self) { try PublishedToyCurves(path: folder.path + "/absent") }
            // The folder: a name that says nothing, and no file at all.
            do {
                _ = try PublishedToyCurves(path: folder.path)
                Issue.record("no error for a file name without a source")
            } catch { #expect("\(error)".contains("curves.json") && "\(error)".contains("SOURCE_Nd_METHOD.json")) }
            try FileManager.default.removeItem(at: file)
            #expect(throws: LloydError.self) { try PublishedToyCurves(path: folder.path) }
        }
    }
}
