import Datasets
import Foundation
import TestSupport
import Testing

struct ImageFolderTests {
    func picture(_ value: Float, width: Int = 4, height: Int = 3, channels: Int = 1) -> Image {
        Image(
            width: width, height: height, channels: channels,
            samples: [Float](repeating: value, count: width * height * channels))
    }

    @Test func nestedFoldersEveryExtensionSortedByBytes() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pnmData(), to: "b/2.PGM")
        try folder.write(picture(0.4).pngData(), to: "b/10.png")
        try folder.write(picture(0.6, channels: 3).pngData(), to: "Z.Png")
        try folder.write(picture(0.8, channels: 3).pnmData(), to: "a/deep/er/x.ppm")
        try folder.write(picture(1).pnmData(), to: "a.pnm")
        try folder.write([1, 2], to: "b/Thumbs.db")
        try folder.write([1, 2], to: ".hidden.png")
        try folder.write([1, 2], to: ".cache/y.png")
        let source = try ImageFolder(folder.path, color: .gray)
        #expect(source.files == ["Z.Png", "a.pnm", "a/deep/er/x.ppm", "b/10.png", "b/2.PGM"])
        #expect((0..<5).map { source.group($0) } == [".", ".", "a/deep/er", "b", "b"])
        #expect(source.count == 5 && source.dimension == 12)
        #expect(source.imageShape == ImageShape(width: 4, height: 3, channels: 1))
        #expect(source.itemName(4) == folder.path + "/b/2.PGM")
        for (index, value) in [Float(0.6), 1, 0.8, 0.4, 0.2].enumerated() {
            for sample in try vector(source, index) { #expect(abs(sample - value) < 1e-6) }
        }
        let color = try ImageFolder(folder.path + "/", color: .rgb)
        #expect(color.dimension == 36 && color.name == folder.path)
        #expect(try vector(color, 4) == [Float](repeating: 0.2, count: 36))
        let matrix = try source.readShard(3..<5)
        #expect(matrix.rows == 2 && matrix[0, 7] == 0.4 && matrix[1, 11] == 0.2)
    }

    @Test func theBytesTellTheFormatNotTheName() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pngData(), to: "really-a-png.jpg")
        #expect(try vector(ImageFolder(folder.path, color: .gray), 0)[0] == 0.2)
        try folder.write("just text".utf8, to: "text.jpg")
        let error = datasetError { try ImageFolder(folder.path, color: .gray) }
        #expect(error?.path == folder.path + "/text.jpg")
        #expect(error?.problem.contains("text \"just text\"") == true)
    }

    @Test func differentSizesNameBothFiles() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pngData(), to: "a.png")
        try folder.write(picture(0.4, width: 5).pngData(), to: "b.png")
        let error = try #require(datasetError { try ImageFolder(folder.path, color: .gray) })
        #expect(error.path == folder.path + "/b.png")
        #expect(error.problem.contains("5x3") && error.problem.contains("4x3") && error.problem.contains("/a.png"))
        let unchecked = try ImageFolder(folder.path, color: .gray, checkingHeaders: false)
        #expect(datasetError { try vector(unchecked, 1) } == error)
        let resized = try ImageFolder(folder.path, color: .gray, resize: (width: 2, height: 2))
        #expect(resized.dimension == 4)
        for sample in try vector(resized, 1) { #expect(abs(sample - 0.4) < 1e-6) }
        #expect(datasetError { try ImageFolder(folder.path, color: .gray, resize: (width: 0, height: 2)) } != nil)
    }

    @Test func truncatedFilesAreNamed() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pngData(), to: "a.png")
        try folder.write(picture(0.2).pngData().dropLast(15), to: "cut.png")
        let source = try ImageFolder(folder.path, color: .gray)
        let error = datasetError { try vector(source, 1) }
        #expect(error?.path == folder.path + "/cut.png")
        #expect(error?.problem.contains("cut short") == true, "\(String(describing: error))")
        try folder.write(picture(0.2).pngData().prefix(20), to: "cut2.png")
        #expect(datasetError { try ImageFolder(folder.path, color: .gray) }?.path == folder.path + "/cut2.png")
    }

    @Test func missingEmptyAndUnreadableFolders() throws {
        let folder = try ScratchFolder()
        #expect(datasetError { try ImageFolder(folder.path, color: .gray) }?.problem.contains("no images") == true)
        let missing = datasetError { try ImageFolder(folder.path + "/none", color: .gray) }
        #expect(missing?.problem == "does not exist" && missing?.path == folder.path + "/none")
        let file = try folder.write(picture(0.2).pngData(), to: "a.png")
        #expect(datasetError { try ImageFolder(file, color: .gray) }?.problem == "is a file, not a folder")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/gone.png", withDestinationPath: "nowhere")
        let link = datasetError { try ImageFolder(folder.path, color: .gray) }
        #expect(link?.path == folder.path + "/gone.png")
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read every folder"))
    func unreadableFolderIsAnError() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pngData(), to: "a.png")
        try folder.write(picture(0.2).pngData(), to: "locked/b.png")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path + "/locked")
        defer { chmod(folder.path + "/locked", 0o755) }
        let error = datasetError { try ImageFolder(folder.path, color: .gray) }
        #expect(error?.path == folder.path + "/locked" && error?.remedy.contains("permissions") == true)
    }

    @Test func linksInCirclesEnd() throws {
        let folder = try ScratchFolder()
        try folder.write(picture(0.2).pngData(), to: "a/b.png")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/up", withDestinationPath: folder.path)
        #expect(try ImageFolder(folder.path, color: .gray).files == ["a/b.png"])
    }

    @Test(.enabled(if: RealData.has("cropped-yale"), "LLOYD_DATA names no folder with cropped-yale/"))
    func croppedYale() throws {
        let faces = try ImageFolder(RealData.folder! + "/cropped-yale", color: .gray)
        #expect(faces.count == 2414)
        #expect(faces.imageShape == ImageShape(width: 168, height: 192, channels: 1))
        #expect(Set((0..<faces.count).map { faces.group($0)! }).count == 38)
        let split = try TrainTestSplit(source: faces, testFraction: 0.2, seed: 1, byGroup: true)
        #expect(abs(split.test.count - 483) <= 24)
        let samples = try vector(faces, 1000)
        #expect(samples.allSatisfy { $0 >= 0 && $0 <= 1 } && Set(samples).count > 50)
    }

    @Test(
        .enabled(
            if: RealData.has("kodak") && PythonScript.has("PIL.Image"),
            "LLOYD_DATA has no kodak/, or Pillow is missing"))
    func kodakEqualsPillow() throws {
        let script = """
            import sys, numpy, PIL.Image
            x = numpy.asarray(PIL.Image.open(sys.argv[1])).astype(numpy.int64)
            print(x.shape[1], x.shape[0], *(x.reshape(-1, 3) * (1 + numpy.arange(x.shape[0]*x.shape[1]) % 97)[:, None]).sum(0))
            """
        let file = RealData.folder! + "/kodak/kodim05.png"
        let image = try Image(path: file)
        let bytes = image.interleavedBytes()
        var sums = [0, 0, 0]
        for (index, byte) in bytes.enumerated() { sums[index % 3] += Int(byte) * (1 + index / 3 % 97) }
        let expected = try PythonScript(modules: [], script).run([file])
            .split(whereSeparator: \.isWhitespace).map { Int($0)! }
        #expect([image.width, image.height] + sums == expected)
    }
}
