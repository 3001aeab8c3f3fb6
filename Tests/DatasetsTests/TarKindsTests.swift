import Datasets
import Foundation
import TestSupport
import Testing

/// Every kind of member is read, passed over because its name is not that of an image, or an error that names it.
struct TarKindsTests {
    private func png(_ value: Float) -> [UInt8] {
        Array(Image(width: 2, height: 2, channels: 1, samples: [Float](repeating: value, count: 4)).pngData())
    }

    /// The first samples of the images of a tar file, by name.
    private func read(_ bytes: [UInt8]) throws -> [String: Float] {
        try ScratchFolder.with { folder in
            let source = try ImageFolder(folder.write(bytes, to: "x.tar"), color: .gray)
            let samples = try (0..<source.count).map { try vector(source, $0)[0] }
            return Dictionary(zip(source.files, samples)) { _, _ in .nan }
        }
    }

    /// The member that the error names, and what it says.
    private func fault(_ make: (inout TarMaker) -> Void, cut: Int? = nil) throws -> (member: String, text: String) {
        try ScratchFolder.with { folder in
            var tar = TarMaker()
            tar.add("first.png", png(0.2))
            make(&tar)
            let path = try folder.write(cut.map { Array(tar.bytes.prefix($0)) } ?? tar.finished, to: "x.tar")
            let error = try #require(datasetError { try read(Array(Data(contentsOf: URL(fileURLWithPath: path)))) })
            let name = error.path.components(separatedBy: "/x.tar").last ?? ""
            return (String(name.dropFirst()), "\(error)")
        }
    }

    @Test(
        arguments: [
            ("1", "hard link"), ("2", "symbolic link"), ("3", "device"), ("4", "device"), ("6", "pipe"),
            ("V", "kind V"),
            ("D", "kind D"), ("Z", "kind Z"), ("\u{1}", "kind \\x01"),
        ] as [(Character, String)])
    func whatIsNotAFileIsNamedIfItIsCalledAnImage(type: Character, word: String) throws {
        let found = try fault { $0.add("some/a.png", [], type: type) }
        #expect(found.member == "some/a.png" && found.text.contains(word), "\(found)")
        var tar = TarMaker()
        tar.add("a.txt", [], type: type)
        // Links, devices and folders have no bytes, whatever their size says.
        if "12346".contains(type) { tar.add("b.txt", [], type: type, size: Array("00000001000".utf8)) }
        tar.add("b.png", png(0.4))
        #expect(try read(tar.finished) == ["b.png": 0.4])
    }

    @Test func filesWithHolesAndVolumesAreNamedWhateverTheirNames() throws {
        let image = png(0.4)
        for (type, word) in [("S", "--sparse"), ("M", "volume"), ("N", "old list")] as [(Character, String)] {
            let found = try fault { $0.add("some/a.bin", image, type: type, magic: .gnu) }
            #expect(found.member == "some/a.bin" && found.text.contains(word), "\(found)")
        }
        let old = try fault {
            $0.addRecords([("GNU.sparse.size", "512"), ("GNU.sparse.numblocks", "1")])
            $0.add("old.png", image)
        }
        #expect(old.member == "old.png" && old.text.contains("--sparse"))
        let new = try fault {
            $0.addRecords([("GNU.sparse.major", "1"), ("GNU.sparse.name", "some/new.png")])
            $0.add("GNUSparseFile.1/new.png", image)
        }
        #expect(new.member == "some/new.png" && new.text.contains("--sparse"))
    }

    @Test func foldersHaveAnyForm() throws {
        var tar = TarMaker()
        tar.add("a.png/", [], type: "5")
        tar.add("b.png", [], type: "5", size: Array("00000010000".utf8))
        tar.add("c.png/", [], type: "\0", magic: .none)
        tar.add("c.png/d.png", png(0.4), type: "\0", magic: .none)
        #expect(try read(tar.finished) == ["c.png/d.png": 0.4])
        let found = try fault { $0.add("e.png/", [1, 2, 3]) }
        #expect(found.member == "e.png/" && found.text.contains("3 bytes"))
    }

    @Test func hiddenFilesAndFoldersAreLeftOutAsInFolders() throws {
        var tar = TarMaker()
        tar.add("./a.png", png(0.4))
        tar.add("./._a.png", [1])
        tar.add(".cache/b.png", [1])
        tar.add("c/.cache/d.png", [1])
        #expect(try read(tar.finished) == ["a.png": 0.4])
    }

    @Test func severalHeadersOfOneMemberAddUp() throws {
        let image = png(0.4)
        var tar = TarMaker()
        tar.addRecords([("path", "records.png")])
        tar.addRecords([("size", "\(image.count)")])
        tar.add("cut", image, size: Array("00000000000".utf8))
        tar.addRecords([("path", "solaris.png")], type: "X")
        tar.add("cut", image)
        tar.add("././@LongLink", Array("gnu.png".utf8) + [0], type: "L", magic: .gnu)
        tar.addRecords([("mtime", "1")])
        tar.add("cut", image)
        tar.add("././@LongLink", Array("target".utf8) + [0], type: "K", magic: .gnu)
        tar.add("link", [], type: "2", magic: .gnu)
        tar.add("contiguous.png", image, type: "7")
        // star's prefix is shorter, and its times follow it.
        let prefix = String(repeating: "p", count: 131)
        tar.add("star.png", image, prefix: prefix + "00000000000 00000000000 ", end: "tar\0")
        let names = ["records.png", "solaris.png", "gnu.png", "contiguous.png", prefix + "/star.png"]
        #expect(try read(tar.finished) == Dictionary(uniqueKeysWithValues: names.map { ($0, 0.4) }))
    }

    @Test func headersWithoutTheirMemberAreErrors() throws {
        for type in ["L", "K", "x", "X"] as [Character] {
            let records = type == "L" || type == "K" ? "a.png" : "14 path=a.png\n"
            let found = try fault { $0.add("header", Array(records.utf8), type: type) }
            #expect(found.text.contains("belongs to a member"), "\(type): \(found)")
        }
        for record in [("path", "a.png"), ("size", "3"), ("GNU.sparse.major", "1")] {
            let found = try fault {
                $0.addRecords([record], type: "g")
                $0.add("b.png", png(0.4))
            }
            #expect(found.text.contains("global pax header"), "\(record): \(found)")
        }
        #expect(try fault { $0.add("", png(0.4)) }.text.contains("no name"))
    }

    @Test func aCutFileNamesTheMemberThatIsNotWhole() throws {
        let image = png(0.4)
        let start = 512 + (image.count + 511) / 512 * 512
        for there in [0, 1, image.count - 1] {
            let found = try fault({ $0.add("some/cut.png", image) }, cut: start + 512 + there)
            #expect(found.member == "some/cut.png", "\(found)")
            #expect(found.text.contains("cut short: \(there) of \(image.count) bytes"), "\(found)")
        }
        // Within a header, and behind a member whose bytes are all there.
        for cut in [start + 100, start, start + 512 + image.count] {
            #expect(try fault({ $0.add("a.png", image) }, cut: cut).text.contains("no end mark"))
        }
    }

    @Test func sizesThatCannotBeAreNamed() throws {
        for size in [Array("0000000z000".utf8), [UInt8](repeating: 0xFF, count: 12)] {
            let found = try fault { $0.add("some/a.png", [], size: size) }
            #expect(found.member == "some/a.png" && found.text.contains("size"))
        }
        let empty = try fault { $0.add("some/empty.png", []) }
        #expect(empty.member == "some/empty.png" && empty.text.contains("empty"))
    }

    @Test func aNameThatStandsTwiceIsAnError() throws {
        let found = try fault {
            $0.add("a/x.png", png(0.4))
            $0.add("b/x.png", png(0.4))
            $0.add("a/./x.png", png(0.6))
        }
        #expect(found.member == "a/x.png" && found.text.contains("twice"), "\(found)")
        // What is not an image may stand there as often as it likes.
        var tar = TarMaker()
        for _ in 0..<2 { tar.add("a.txt", [1]) }
        tar.add("a.png", png(0.4))
        #expect(try read(tar.finished) == ["a.png": 0.4])
    }
}
