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
            for wrong in [
                "", folder, folder + "/", folder + "/none/a", folder + "/" + String(repeating: "n", count: 256),
            ] {
                let error = #expect(throws: LloydError.self) { try OutputFile.write(Data(), to: wrong) }
                #expect(error?.remedy.isEmpty == false)
            }
            #expect(try names(folder).count == 4)
        }
    }

    @Test func permissionsStayAndLinksAreFollowed() throws {
        try inFolder { folder in
            try OutputFile.write(Data("old".utf8), to: folder + "/a")
            chmod(folder + "/a", 0o640)
            symlink("a", folder + "/link")
            symlink("link", folder + "/second")
            symlink("later", folder + "/dangling")
            try OutputFile.write(Data("new".utf8), to: folder + "/second")
            try OutputFile.write(Data("made".utf8), to: folder + "/dangling")
            #expect(try read(folder + "/a") == "new")
            #expect(mode(folder + "/a") == S_IFREG | 0o640)
            #expect(mode(folder + "/link") & S_IFMT == S_IFLNK && mode(folder + "/second") & S_IFMT == S_IFLNK)
            #expect(try read(folder + "/later") == "made" && mode(folder + "/dangling") & S_IFMT == S_IFLNK)
            symlink("round", folder + "/round")
            #expect(throws: LloydError.self) { try OutputFile.write(Data(), to: folder + "/round") }
            #expect(try names(folder) == ["a", "dangling", "later", "link", "round", "second"])
        }
    }

    /// A new file gets what open() gives, whatever the umask is.
    @Test func theUmaskIsHonored() throws {
        try inFolder { folder in
            close(open(folder + "/reference", O_CREAT | O_WRONLY, 0o666))
            try OutputFile.write(Data("x".utf8), to: folder + "/a")
            #expect(mode(folder + "/a") == mode(folder + "/reference"))
        }
    }

    @Test func pipesAndDescriptorsAreWrittenStraightThrough() throws {
        try inFolder { folder in
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            let reader = open(folder + "/pipe", O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            try OutputFile.write([Data("one ".utf8), Data("two".utf8)], to: folder + "/pipe")
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = Foundation.read(reader, &buffer, buffer.count)
            #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "one two")
            #expect(mode(folder + "/pipe") & S_IFMT == S_IFIFO)

            // A descriptor continues at its position.
            let file = open(folder + "/a", O_CREAT | O_RDWR, 0o600)
            defer { close(file) }
            try OutputFile.write(Data("first".utf8), to: "/dev/fd/\(file)")
            try OutputFile.write(Data(" second".utf8), to: "/proc/self/fd/\(file)")
            #expect(try read(folder + "/a") == "first second")
        }
    }

    @Test func aFileOnAFullDeviceIsAnErrorThatSaysSo() throws {
        let error = #expect(throws: LloydError.self) { try OutputFile.write(Data("x".utf8), to: "/dev/full") }
        #expect(error?.kind == .output && "\(error!)".contains("free some space"))
    }

    @Test func anInputIsNeverAnOutput() throws {
        try inFolder { folder in
            try OutputFile.write(Data("picture".utf8), to: folder + "/a.png")
            symlink("a.png", folder + "/link")
            link(folder + "/a.png", folder + "/hard")
            for output in ["a.png", "./a.png", "link", "hard"] {
                for input in [folder + "/a.png", folder] {
                    let error = #expect(throws: LloydError.self) {
                        try OutputFile.check("\(folder)/\(output)", against: [input])
                    }
                    #expect(error?.exitCode == 2)
                }
            }
            try OutputFile.check(folder + "/b.png", against: [folder + "/a.png", folder])
            try OutputFile.check("/dev/null", against: [folder])
            #expect(throws: LloydError.self) { try OutputFile.check(folder + "/none/b.png") }
            #expect(try OutputFile.identity(folder + "/link") == OutputFile.identity(folder + "/./a.png"))
        }
    }

    @Test func onlyNamesOfTheWriterAreTakenForHalfWrittenFiles() throws {
        #expect(HalfWritten.isName(".lloyd-partial-abcDEF012345") && HalfWritten.isName("x.npy.partial-Xy12ab"))
        for name in [".partial-Xy12ab", "notes.partial-final", ".lloyd-partial-abc", "a.partial-Xy12ab.txt"] {
            #expect(!HalfWritten.isName(name), "\(name)")
        }
    }

    private func mode(_ path: String) -> mode_t {
        var state = stat()
        return lstat(path, &state) == 0 ? state.st_mode : 0
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
