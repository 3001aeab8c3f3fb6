import Core
import Foundation
import Testing

@Suite struct OutputFileTests {
    @Test func namesOfEveryLengthAreWritten() throws {
        try inFolder { folder in
            for name in ["a", "-", ".hidden", String(repeating: "n", count: 255)] {
                try OutputFile.write(Data(name.utf8), to: "\(folder)/\(name)")
                #expect(try read("\(folder)/\(name)") == name)
            }
            #expect(try names(folder).count == 4)
        }
    }
}

/// Runs `body` with the path of a folder of its own.
func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-core-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}

func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

func names(_ folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
