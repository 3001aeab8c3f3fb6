import Datasets
import Foundation
import TestSupport
import Testing

struct TarTests {
    private func png(_ value: Float, width: Int = 4, height: Int = 3) throws -> [UInt8] {
        let samples = [Float](repeating: value, count: width * height)
        return Array(Image(width: width, height: height, channels: 1, samples: samples).pngData())
    }

    private func first(_ source: ImageFolder) throws -> [Float] {
        try (0..<source.count).map { try vector(source, $0)[0] }
    }

    /// Two images of a sample each, their captions and classes passed over.
    private func sample(_ tar: inout TarMaker, _ name: String, _ value: Float) throws {
        tar.add(name + ".cls", Array("7".utf8))
        tar.add(name + ".png", try png(value))
        tar.add(name + ".txt", Array("a caption".utf8))
        tar.add(name + ".json", [])
    }

    @Test func shardsOfWebDatasetsInTheOrderOfTheirNames() throws {
        let folder = try ScratchFolder()
        for (shard, values) in [("shards-001", [Float(0.6), 0.2]), ("shards-000", [1, 0.4]), ("shards-010", [0.8])] {
            var tar = TarMaker()
            for (number, value) in values.enumerated() { try sample(&tar, "00000\(number)", value) }
            try folder.write(tar.finished, to: "set/\(shard).tar")
        }
        let expected: [Float] = [1, 0.4, 0.6, 0.2, 0.8]
        for path in ["set", "set/shards-{000,001,010}.tar", "set/shards-0{01,10,00}.tar"] {
            let source = try ImageFolder(folder.path + "/" + path, color: .gray)
            #expect(source.count == 5 && source.imageShape == ImageShape(width: 4, height: 3, channels: 1))
            #expect(try first(source) == expected)
            #expect(source.itemName(2) == folder.path + "/set/shards-001.tar/000000.png")
        }
        let pair = try ImageFolder(folder.path + "/set/shards-{000..001}.tar", color: .gray)
        #expect(try first(pair) == Array(expected.prefix(4)))
        let one = try ImageFolder(folder.path + "/set/shards-010.tar", color: .rgb)
        #expect(one.count == 1 && one.group(0) == "." && one.files == ["000000.png"])
        let photos = try PhotoFolder(folder.path + "/set")
        #expect(photos.count == 5 && photos.name(1) == "shards-000/000001.png" && photos.size(0) == (3, 4))
        #expect(try photos.image(1).samples == [Float](repeating: 0.4, count: 36))
        let missing = datasetError { try ImageFolder(folder.path + "/set/shards-{000..002}.tar", color: .gray) }
        #expect(missing?.path == folder.path + "/set/shards-002.tar")
    }

    @Test func foldersOfMembersAreGroups() throws {
        let folder = try ScratchFolder()
        var tar = TarMaker()
        for (name, value) in [("./b/x.png", Float(0.2)), ("a/y.png", 0.4), ("b/z.png", 0.6), ("top.png", 0.8)] {
            tar.add(name, try png(value))
        }
        tar.add("a", [], type: "5")
        tar.add("a/.hidden.png", [1, 2, 3])
        let source = try ImageFolder(folder.write(tar.finished, to: "people.tar"), color: .gray)
        #expect((0..<source.count).map { source.group($0) } == ["b", "a", "b", "."])
        let split = try TrainTestSplit(source: source, testFraction: 0.5, seed: 1, byGroup: true)
        #expect(split.test.contains(0) == split.test.contains(2))
    }

    @Test func longNamesAndSizesOfEveryFormat() throws {
        let folder = try ScratchFolder()
        let long = (0..<30).map { "folder-\($0)" }.joined(separator: "/")
        var tar = TarMaker()
        tar.add("prefixed.png", try png(0.2), prefix: "some/where")
        tar.add("././@LongLink", Array((long + "/gnu.png").utf8) + [0], type: "L", magic: .gnu)
        tar.add("cut", try png(0.4), magic: .gnu)
        tar.addRecords([("mtime", "1.5"), ("path", long + "/päx.png"), ("comment", "=")])
        tar.add("cut", try png(0.6))
        let content = try png(0.8)
        tar.addRecords([("size", "\(content.count)")])
        tar.add("sized.png", content, size: Array("00000000000".utf8))
        var binary = [UInt8](repeating: 0, count: 12)
        (binary[0], binary[10], binary[11]) = (0x80, UInt8(content.count >> 8), UInt8(content.count & 255))
        tar.add("binary.png", content, size: binary)
        tar.add("old.png", try png(0.4), type: "\u{0}", magic: .none)
        tar.addRecords([("comment", "for all")], type: "g")
        let source = try ImageFolder(folder.write(tar.finished, to: "x.tar"), color: .gray)
        #expect(
            source.files == [
                "some/where/prefixed.png", long + "/gnu.png", long + "/päx.png", "sized.png", "binary.png", "old.png",
            ])
        #expect(try first(source) == [0.2, 0.4, 0.6, 0.8, 0.8, 0.4])
    }

    private func error(_ make: (inout TarMaker) throws -> Void, finished: Bool = true) throws -> LloydError {
        let folder = try ScratchFolder()
        var tar = TarMaker()
        try sample(&tar, "000000", 0.2)
        try make(&tar)
        let path = try folder.write(finished ? tar.finished : tar.bytes, to: "x.tar")
        let error = try #require(
            datasetError {
                let source = try ImageFolder(path, color: .gray)
                for index in 0..<source.count { _ = try vector(source, index) }
            })
        #expect(error.path.hasPrefix(path) && !error.remedy.isEmpty)
        return error
    }

    @Test func whatIsNotReadIsAnErrorThatNamesTheRemedy() throws {
        let image = try png(0.4)
        func problem(_ make: (inout TarMaker) throws -> Void) throws -> String { "\(try error(make))" }
        #expect(try problem { $0.add("a.png", [], type: "2") }.contains("--dereference"))
        #expect(try problem { $0.add("a.png", [], type: "1") }.contains("link"))
        #expect(try problem { $0.add("a.png", [], type: "6") }.contains("device"))
        #expect(try problem { $0.add("a.png", image, type: "S", magic: .gnu) }.contains("--sparse"))
        #expect(
            try problem {
                $0.addRecords([("GNU.sparse.major", "1")])
                $0.add("a.png", image)
            }.contains("--sparse"))
        #expect(try problem { $0.add("a.png", image, type: "M", magic: .gnu) }.contains("volume"))
        #expect(try problem { $0.add("../a.png", image) }.contains("outside"))
        #expect(try problem { $0.add("x/../../a.png", image) }.contains("outside"))
        #expect(try problem { $0.add("/etc/a.png", image) }.contains("outside"))
        #expect(
            try problem {
                $0.addRecords([("path", "..")])
                $0.add("a.png", image)
            }.contains("outside"))
        #expect(try problem { $0.add("a.png", image, checksum: 12345) }.contains("checksum"))
        #expect(try problem { $0.add("a.png", image, size: Array("0000000z000".utf8)) }.contains("size"))
        #expect(try problem { $0.add("a.png", image, size: Array("-0000000100".utf8)) }.contains("size"))
        #expect(try problem { $0.add("a.png", image, size: [UInt8](repeating: 0xFF, count: 12)) }.contains("negative"))
        let huge = [0x80] + [UInt8](repeating: 0x7F, count: 11)
        #expect(try problem { $0.add("a.png", image, size: huge) }.contains("size"))
        let large = [0x80, 0, 0, 0, 0x7F] + [UInt8](repeating: 0xFF, count: 7)
        #expect(try problem { $0.add("a.png", image, size: large) }.contains("cut short"))
        #expect(
            try problem {
                $0.addRecords([("size", "9223372036854775807")])
                $0.add("a.png", image)
            }.contains("cut"))
        #expect(
            try problem {
                $0.addRecords([("size", "-5")])
                $0.add("a.png", image)
            }.contains("pax"))
        #expect(
            try problem {
                $0.addRecords([("path", "")])
                $0.add("a.png", image)
            }.contains("pax"))
        #expect(try problem { $0.add("x", Array("9999 path=a\n".utf8), type: "x") }.contains("pax"))
        #expect(try problem { $0.add("x", Array("5 pa".utf8), type: "x") }.contains("pax"))
        #expect(try problem { $0.addRecords([("path", "a.png")]) }.contains("belongs"))
        #expect(try error({ $0.add("a.png", image) }, finished: false).problem.contains("no end mark"))
        #expect(
            try problem {
                $0 = TarMaker()
                $0.add("a.txt", [1])
            }.contains("no images"))
        // The name of a member is that of its image's errors, too.
        let cut = try error { $0.add("x/cut.png", Array(image.prefix(40))) }
        #expect(cut.path.hasSuffix("x.tar/x/cut.png"), "\(cut)")
    }

    @Test func foldersAndPatternsThatAreNotClear() throws {
        let folder = try ScratchFolder()
        var tar = TarMaker()
        try sample(&tar, "0", 0.2)
        try folder.write(tar.finished, to: "mixed/a.tar")
        try folder.write(try png(0.2), to: "mixed/b.png")
        func problem(_ path: String) -> String {
            datasetError { try ImageFolder(folder.path + "/" + path, color: .gray) }.map { "\($0)" } ?? "none"
        }
        #expect(problem("mixed").contains("both images"))
        try folder.write([0x1F, 0x8B, 8, 0], to: "packed/a.tar.gz")
        #expect(problem("packed").contains("decompress"))
        #expect(problem("packed/a.tar.gz").contains("decompress"))
        try folder.write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], to: "gzip.tar")
        #expect(problem("gzip.tar").contains("gzip"))
        try folder.write([], to: "empty.tar")
        #expect(problem("empty.tar").contains("cut short"))
        try folder.write(tar.finished + tar.finished, to: "joined.tar")
        #expect(problem("joined.tar").contains("behind its end mark"))
        // However far behind.
        let far = tar.finished + [UInt8](repeating: 0, count: 1 << 20) + tar.finished
        try folder.write(far, to: "far.tar")
        #expect(problem("far.tar").contains("behind its end mark"))
        try folder.write(tar.finished + [1], to: "junk.tar")
        #expect(problem("junk.tar").contains("behind its end mark"))
        #expect(problem("a-{000..}.tar").contains("range"))
        #expect(problem("a-{0..9.tar").contains("not closed"))
        #expect(problem("a-{5..2}.tar").contains("range"))
        #expect(problem("a-{0..99999999}.tar").contains("more than"))
        #expect(problem("none-{000..001}.tar").contains("none-000.tar"))
    }

    /// Whatever is wrong with a tar file, it is an error or images; never a crash.
    @Test func damagedFilesAreErrors() throws {
        let folder = try ScratchFolder()
        var tar = TarMaker()
        try sample(&tar, "000000", 0.2)
        tar.addRecords([("path", "deep/er.png"), ("size", "\(try png(0.4).count)")])
        tar.add("short", try png(0.4))
        tar.add("././@LongLink", Array("long/name.png".utf8) + [0], type: "L", magic: .gnu)
        tar.add("cut", try png(0.6), magic: .gnu)
        let whole = tar.finished
        var (refused, read) = (0, 0)
        // Every header's damage would be found by its checksum alone; so half of the copies get right sums.
        for (number, damaged) in damagedCopies(of: whole, count: 900).enumerated() {
            var copy = damaged
            if number % 2 == 1 { correctChecksums(&copy) }
            let path = try folder.write(copy, to: "damaged.tar")
            do {
                let source = try ImageFolder(path, color: .gray)
                for index in 0..<source.count { _ = try vector(source, index) }
                read += 1
            } catch let error as LloydError {
                #expect(error.path.hasPrefix(path) && !error.problem.isEmpty && !error.remedy.isEmpty)
                refused += 1
            }
        }
        #expect(refused > 300 && read + refused == 900, "\(refused) refused, \(read) read")
    }

    private func correctChecksums(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count / 512 * 512, by: 512) {
            guard bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) else { continue }
            var sum = 0
            for index in 0..<512 { sum += (148..<156).contains(index) ? 0x20 : Int(bytes[start + index]) }
            let text = String(sum, radix: 8)
            let field = String(repeating: "0", count: 6 - text.count) + text + "\u{0} "
            bytes.replaceSubrange(start + 148..<start + 156, with: field.utf8)
        }
    }

    private static let hasTar = FileManager.default.isExecutableFile(atPath: "/bin/tar")

    /// What GNU tar writes, in its formats.
    @Test(.enabled(if: hasTar, "/bin/tar is not there"), arguments: ["ustar", "gnu", "pax", "v7"])
    func tarsOwnFiles(format: String) throws {
        let folder = try ScratchFolder()
        let deep = format == "v7" ? "a" : (0..<8).map { "folder-\($0)" }.joined(separator: "/")
        for (name, value) in [("\(deep)/x.png", Float(0.2)), ("b/y.png", 0.4), ("b/z.txt", 0.6)] {
            try folder.write(try png(value), to: "in/" + name)
        }
        if format == "gnu" || format == "pax" {
            try folder.write(try png(0.8), to: "in/c/" + String(repeating: "n", count: 200) + ".png")
        }
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/bin/tar")
        tar.arguments = [
            "--format=\(format)", "--sort=name", "-C", folder.path + "/in", "-cf", folder.path + "/x.tar", ".",
        ]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        let packed = try ImageFolder(folder.path + "/x.tar", color: .gray)
        let plain = try ImageFolder(folder.path + "/in", color: .gray)
        #expect(Set(packed.files) == Set(plain.files) && packed.count == plain.count)
        for (index, file) in packed.files.enumerated() {
            #expect(try vector(packed, index) == vector(plain, plain.files.firstIndex(of: file)!))
        }
    }
}
