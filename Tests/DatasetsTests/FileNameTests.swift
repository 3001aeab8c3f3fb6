import Datasets
import Foundation
import TestSupport
import Testing

struct FileNameTests {
    /// "café" in Latin 1.
    let latin: [UInt8] = [0x63, 0x61, 0x66, 0xE9]

    @Test func everyNameComesBackAsItWas() {
        let names: [[UInt8]] = [
            latin, Array("plain.png".utf8), Array("é漢😀".utf8), [0xFF], [0xC3], [0xC3, 0x28], [0xE2, 0x82],
            [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0xAF], Array("\u{10FEE9}".utf8), Array("e\u{301}".utf8),
            Array(1...255).filter { $0 != 0x2F },
        ]
        for name in names { #expect(FileName.bytes(FileName.text(name)) == name, "\(name)") }
        // The bytes of a scalar of the private range are not the byte that the scalar stands for.
        #expect(FileName.text([0xE9]) != FileName.text(Array("\u{10FEE9}".utf8)))
    }

    @Test func messagesShowWhatIsNoText() {
        #expect(FileName.printable(FileName.text(latin)) == "caf\\xE9")
        #expect(FileName.printable("a\u{1B}[2Jb\n") == "a\\x1B[2Jb\\n")
        #expect(FileName.printable("é漢😀 b.png") == "é漢😀 b.png")
        let error = LloydError(path: FileName.text(latin), problem: "is damaged", remedy: "copy it")
        #expect("\(error)" == "caf\\xE9: is damaged. Remedy: copy it.")
    }

    @Test func foldersAndFilesOfAnyNameAreRead() throws {
        let folder = try ScratchFolder()
        let image = Image(width: 2, height: 1, channels: 1, samples: [0, 1])
        try folder.write(image.pngData(), to: "b.png")
        try folder.write(image.pngData(), to: "z/plain.png")
        // Foundation cannot make these.
        func withPath(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
            (path + [0]).withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
            }
        }
        let inner: [UInt8] = Array(folder.path.utf8) + [0x2F] + latin
        #expect(withPath(inner) { mkdir($0, 0o755) } == 0)
        let names: [String] = ["/\u{E9}.png", ".PNG"]
        for name in names {
            let path: [UInt8] = inner + Array(name.utf8)
            let status = withPath(path) { link(folder.path + "/b.png", $0) }
            #expect(status == 0)
        }
        let source = try ImageFolder(folder.path, color: .gray)
        let name = FileName.text(latin)
        #expect(source.files == ["b.png", name + ".PNG", name + "/é.png", "z/plain.png"])
        #expect(source.group(2) == name)
        for index in 0..<4 { #expect(try vector(source, index) == [0, 1]) }
        #expect(try ImageFolder(folder.path + "/" + name, color: .gray).count == 1)
        #expect(try PhotoFolder(folder.path).name(1) == "caf\\xE9.PNG")
    }

    @Test(.timeLimit(.minutes(15))) func pipesSocketsAndDevicesNeverBlock() throws {
        let folder = try ScratchFolder()
        let image = Image(width: 2, height: 1, channels: 1, samples: [0, 1])
        try folder.write(image.pngData(), to: "a.png")
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        // By its name it is not an image.
        #expect(try ImageFolder(folder.path, color: .gray).count == 1)
        #expect(datasetError { try InputFile.read(folder.path + "/pipe") }?.problem.contains("pipe") == true)
        #expect(datasetError { try Image(path: "/dev/zero") }?.problem.contains("not a regular file") == true)
        #expect(datasetError { try NumPyVectors(folder.path + "/pipe") }?.problem.contains("pipe") == true)
        #expect(mkfifo(folder.path + "/b.png", 0o600) == 0)
        let error = datasetError { try ImageFolder(folder.path, color: .gray) }
        #expect(error?.path == folder.path + "/b.png" && error?.problem.contains("pipe") == true)
        #expect(mkfifo(folder.path + "/c.tar", 0o600) == 0)
        #expect(
            datasetError { try ImageFolder(folder.path + "/c.tar", color: .gray) }?.problem.contains("pipe") == true)
    }

    @Test func linksToNothingAreNamed() throws {
        let folder = try ScratchFolder()
        try folder.write(Image(width: 1, height: 1, channels: 1, samples: [0]).pngData(), to: "a.png")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/more", withDestinationPath: "not-mounted")
        let error = datasetError { try ImageFolder(folder.path, color: .gray) }
        #expect(error?.path == folder.path + "/more" && error?.problem == "is a link to nothing")
        try FileManager.default.removeItem(atPath: folder.path + "/more")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/x", withDestinationPath: "x")
        #expect(datasetError { try ImageFolder(folder.path, color: .gray) }?.path == folder.path + "/x")
    }
}
