import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

struct ScratchTests {
    /// Several sets over budget, worked on by two threads' worth of blocks again and again: nothing is lost or mixed up.
    @Test(arguments: [1, 40_000, 300_000]) func whatIsWrittenIsReadWhereverItLies(budget: Int) throws {
        let folder = try ScratchFolder()
        let (rows, columns, blocks) = (50, 30, 40)
        let size = ScratchFile.roundedToPages(4 * rows * columns)
        let memory = try VectorMemory(
            budget: budget, needed: blocks * size, largest: size, folder: folder.path, threads: 1)
        #expect((memory.file != nil) == (budget < blocks * size))
        let matrices = (0..<blocks).map { _ in memory.matrix(rows: rows, columns: columns) }
        let inFile = budget < blocks * size ? blocks - (budget / 4 * 3) / size : 0
        #expect(memory.scratchInUse == inFile * size)
        for matrix in matrices { #expect(matrix.use().storage.elements.prefix(matrix.count).allSatisfy { $0 == 0 }) }
        for pass in 1...3 {
            for (number, matrix) in matrices.enumerated() {
                let values = matrix.use()
                for index in 0..<values.count {
                    values.pointer[index] += Float(number * 10_000 + index) * Float(pass)
                }
            }
            try memory.check()
        }
        for (number, matrix) in matrices.enumerated().reversed() {
            let values = matrix.use()
            #expect((0..<values.count).allSatisfy { values.pointer[$0] == Float(number * 10_000 + $0) * 6 })
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "the file has no name")
    }

    @Test func aMatrixOutlivesWhatMadeIt() throws {
        let folder = try ScratchFolder()
        var memory: VectorMemory? = try VectorMemory(
            budget: 1, needed: 8192, largest: 8192, folder: folder.path, threads: 1)
        var stored = memory?.matrix(rows: 2, columns: 900)
        let matrix = try #require(stored?.use())
        matrix[1, 899] = 5
        (memory, stored) = (nil, nil)
        #expect(matrix[1, 899] == 5)
    }

    @Test func foldersThatCannotTakeTheFileAreErrors() throws {
        let folder = try ScratchFolder()
        func problem(_ path: String, bytes: Int = 4096) -> LloydError? {
            datasetError { try ScratchFile(folder: path, bytes: bytes) }
        }
        let missing = try #require(problem(folder.path + "/none"))
        #expect(missing.path == folder.path + "/none" && missing.problem.contains("No such file"))
        #expect(missing.problem.contains("data.scratch") && missing.remedy.contains("data.scratch"))
        let file = try folder.write([1], to: "file")
        #expect(problem(file)?.problem.contains("not a folder") == true)
        let full = try #require(problem(folder.path, bytes: 1 << 60))
        #expect(full.problem.contains("free of the") && full.remedy.contains("free some space"))
        #expect(problem(folder.path) == nil)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere")) func aFolderThatMayNotBeWritten() throws {
        let folder = try ScratchFolder()
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let error = datasetError { try ScratchFile(folder: folder.path, bytes: 4096) }
        #expect(error?.problem.contains("cannot be written to") == true && error?.path == folder.path)
    }

    private static let isSharedMemoryMounted =
        (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8))?.contains(" /dev/shm ") == true

    @Test(.enabled(if: isSharedMemoryMounted, "/dev/shm is not mounted")) func aFolderInMemoryIsRefused() throws {
        let error = try #require(datasetError { try ScratchFile(folder: "/dev/shm", bytes: 4096) })
        #expect(error.problem.contains("lies in memory") && error.remedy.contains("data.scratch"))
    }
}
