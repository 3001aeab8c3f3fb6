import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

struct NumPyTests {
    /// A .npy file of version 1.
    static func file(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
        let count = header.utf8.count
        let length =
            version == 1
            ? [UInt8(count & 255), UInt8(count >> 8)] : [UInt8(count & 255), UInt8(count >> 8), 0, 0]
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + elements
    }

    static func header(_ descriptor: String, _ shape: String, fortran: String = "False") -> String {
        "{'descr': '\(descriptor)', 'fortran_order': \(fortran), 'shape': (\(shape)), }\n"
    }

    func open(_ bytes: [UInt8]) throws -> NumPyVectors {
        let folder = try ScratchFolder()
        // The mapping outlives the name.
        return try NumPyVectors(folder.write(bytes, to: "x.npy"))
    }

    @Test(arguments: [
        ("<f4", "2L, 1L"), ("float32", "2, 1"), ("f4", "2,1,"), ("=f4", "2 , 1L ,"),
    ])
    func namesAndLengthsThatNumPyReads(_ descriptor: String, _ shape: String) throws {
        let elements: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        let vectors = try open(Self.file(Self.header(descriptor, shape), elements))
        #expect(vectors.count == 2 && vectors.dimension == 1)
        #expect(try vector(vectors, 0) == [1] && vector(vectors, 1) == [-2])
        let python2 = Self.header(descriptor, shape).replacing("'descr'", with: "u'descr'")
        #expect(try vector(open(Self.file(python2, elements)), 1) == [-2])
    }

    @Test func structuredTypesAreNamed() {
        let header = "{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1,), }"
        let error = datasetError { try open(Self.file(header, [UInt8](repeating: 0, count: 8))) }
        #expect(error?.problem.contains("('x', '<f4')") == true && error?.remedy.contains("field") == true)
    }

    @Test func roundTrip() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/m.npy"
        let matrix = Matrix(rows: 5, columns: 21, (0..<105).map { Float($0) / 7 })
        try NumPyFile.write(matrix, to: path)
        let vectors = try NumPyVectors(path)
        #expect(vectors.count == 5 && vectors.dimension == 21)
        for row in 0..<5 { #expect(try vector(vectors, row) == Array(matrix.row(row))) }
        #expect(vectors.itemName(3) == "row 3 of \(path)" && vectors.group(0) == nil && vectors.imageShape == nil)
        let shard = try vectors.readShard(1..<4)
        for column in 0..<21 { #expect(shard[2, column] == matrix[3, column]) }
    }

    @Test func elementTypes() throws {
        let cases: [(String, [UInt8], [Float])] = [
            ("<f4", [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0], [1.5, -2]),
            (">f4", [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0], [1.5, -2]),
            ("<f2", [0, 0x3E, 0, 0xC0], [1.5, -2]), ("<f2", [1, 0, 1, 0x80], [0x1p-24, -0x1p-24]),
            ("<f2", [0xFF, 0x7B, 0, 0x04], [65504, 0x1p-14]),
            ("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0], [1.5, -2]),
            ("|u1", [7, 255], [7, 255]), ("|i1", [7, 255], [7, -1]), ("|b1", [0, 1], [0, 1]),
            ("<u2", [1, 1, 255, 255], [257, 65535]), (">i2", [1, 1, 255, 255], [257, -1]),
            ("<i4", [1, 0, 0, 0, 255, 255, 255, 255], [1, -1]),
            ("<u4", [1, 0, 0, 0, 255, 255, 255, 255], [1, 4_294_967_296]),
            ("<i8", [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255], [1, -1]),
        ]
        for (descriptor, bytes, expected) in cases {
            #expect(try vector(open(Self.file(Self.header(descriptor, "1, 2"), bytes)), 0) == expected, "\(descriptor)")
        }
        for version: UInt8 in [2, 3] {
            let bytes = Self.file(Self.header("|u1", "1, 2"), [7, 255], version: version)
            #expect(try vector(open(bytes), 0) == [7, 255])
        }
    }

    @Test(arguments: [
        ("<f4", "8,", "False", "shape (8,)", "reshape"), ("<f4", "", "False", "shape ()", "reshape"),
        ("<f4", "2, 2, 2", "False", "shape (2, 2, 2)", "reshape(len(array), -1)"),
        ("<f4", "2, 4", "True", "Fortran", "ascontiguousarray"), ("<c8", "2, 2", "False", "'<c8'", "astype"),
        ("|O", "2, 4", "False", "'|O'", "astype"), ("<f16", "1, 2", "False", "'<f16'", "astype"),
        ("<f4", "2, 5", "False", "32 bytes of elements, but shape (2, 5) of type '<f4' takes 40", "cut short"),
        ("<f4", "2, 3", "False", "takes 24", "one array"), ("<f4", "0, 4", "False", "is empty", "vectors"),
        ("<f4", "99999999999, 99999999999", "False", "more than any file", "cut short"),
        ("<f4", "99999999999999999999, 1", "False", "header", "numpy.save"),
        ("<f4", "-2, 4", "False", "header", "numpy.save"), ("<f4", "2, 4", "Maybe", "header", "numpy.save"),
    ])
    func wrongHeaders(_ type: String, _ shape: String, _ fortran: String, _ problem: String, _ remedy: String) {
        let bytes = Self.file(Self.header(type, shape, fortran: fortran), [UInt8](repeating: 0, count: 32))
        let error = datasetError { try open(bytes) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.remedy.contains(remedy) == true, "\(String(describing: error))")
        #expect(error?.path.hasSuffix("x.npy") == true)
    }

    @Test func notFiniteIsNamedByRowAndColumn() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/bad.npy"
        for (value, word) in [(Float.nan, "NaN"), (.infinity, "infinity"), (-.infinity, "infinity")] {
            for column in [0, 18, 36] {
                let matrix = Matrix(rows: 3, columns: 37)
                matrix[2, column] = value
                try NumPyFile.write(matrix, to: path)
                let vectors = try NumPyVectors(path)
                #expect(datasetError { try vector(vectors, 1) } == nil)
                let error = datasetError { try vectors.readShard(0..<3) }
                #expect(error?.path == path && error?.problem.contains("row 2, column \(column) ") == true)
                #expect(error?.problem.contains(word) == true)
            }
        }
        try NumPyFile.write([1, 1e300], shape: [1, 2], to: path)
        #expect(datasetError { try vector(NumPyVectors(path), 0) }?.problem.contains("too large") == true)
        // The greatest floats are finite, and so is every one of them times zero.
        try NumPyFile.write([Float](repeating: .greatestFiniteMagnitude, count: 40), shape: [1, 40], to: path)
        #expect(try vector(NumPyVectors(path), 0)[39] == .greatestFiniteMagnitude)
    }

    @Test func damageNeverCrashes() throws {
        let folder = try ScratchFolder()
        let bytes = Self.file(Self.header("<f4", "4, 4"), [UInt8](repeating: 1, count: 64))
        for copy in damagedCopies(of: bytes, count: 600) {
            let path = try folder.write(copy, to: "x.npy")
            do {
                let vectors = try NumPyVectors(path)
                _ = try vectors.readShard(0..<vectors.count)
            } catch { #expect(error is LloydError) }
        }
    }

    @Test(.enabled(if: PythonScript.has("numpy"), "Python with NumPy is not installed"))
    func numPyReadsWhatIsWrittenAndBack() throws {
        let folder = try ScratchFolder()
        try NumPyFile.write(Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6.5]), to: folder.path + "/m.npy")
        try NumPyFile.write([Int32(-1), 2, 3], to: folder.path + "/i.npy")
        try NumPyFile.write([1.25, 2, 3, 4], shape: [2, 1, 2], to: folder.path + "/d.npy")
        let script = """
            import sys, numpy as np
            f = sys.argv[1]
            m, i, d = np.load(f + '/m.npy'), np.load(f + '/i.npy'), np.load(f + '/d.npy')
            print(m.dtype, m.shape, m.sum(), i.dtype, i.shape, i.sum(), d.dtype, d.shape, d.sum())
            x = np.arange(12).reshape(3, 4)
            for t in ['f2', 'f4', 'f8', 'u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', '>f8', '>i4']:
                np.save(f + '/t' + t.replace('>', 'b') + '.npy', x.astype(t))
            np.save(f + '/fortran.npy', np.asfortranarray(x))
            np.save(f + '/flat.npy', x.ravel())
            """
        let output = try PythonScript(modules: [], script).run([folder.path])
        #expect(output == "float32 (2, 3) 21.5 int32 (3,) 4 float64 (2, 1, 2) 10.25\n")
        for type in ["f2", "f4", "f8", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "bf8", "bi4"] {
            #expect(try vector(NumPyVectors(folder.path + "/t\(type).npy"), 2) == [8, 9, 10, 11], "\(type)")
        }
        #expect(datasetError { try NumPyVectors(folder.path + "/fortran.npy") }?.problem.contains("Fortran") == true)
        #expect(datasetError { try NumPyVectors(folder.path + "/flat.npy") }?.problem.contains("(12,)") == true)
    }
}

struct FVecsTests {
    static func bytes<Number: BitwiseCopyable>(_ rows: [[Number]]) -> [UInt8] {
        rows.flatMap { row in
            withUnsafeBytes(of: Int32(row.count).littleEndian) { Array($0) } + row.withUnsafeBytes { Array($0) }
        }
    }

    @Test func threeKinds() throws {
        let folder = try ScratchFolder()
        let floats = try folder.write(Self.bytes([[Float(1.5), 2, 3], [4, 5, -6]]), to: "x.fvecs")
        let integers = try folder.write(Self.bytes([[Int32(7), -1]]), to: "x.ivecs")
        let bytes = try folder.write(Self.bytes([[UInt8(7), 255, 0], [1, 2, 3]]), to: "x.BVECS")
        #expect(try vector(FVecsVectors(floats), 1) == [4, 5, -6])
        #expect(try vector(FVecsVectors(integers), 0) == [7, -1])
        #expect(try vector(FVecsVectors(bytes), 0) == [7, 255, 0])
        #expect(try FVecsVectors(bytes).count == 2 && FVecsVectors(bytes).itemName(1) == "vector 1 of \(bytes)")
    }

    @Test func wrongFiles() throws {
        let folder = try ScratchFolder()
        let good = Self.bytes([[Float(1), 2, 3], [4, 5, 6]])
        func problem(_ bytes: [UInt8], _ name: String = "x.fvecs") throws -> String {
            let path = try folder.write(bytes, to: name)
            return datasetError { try FVecsVectors(path).readShard(0..<2) }?.problem ?? "no error"
        }
        #expect(try problem(good) == "no error")
        #expect(try problem([]) == "is empty")
        #expect(try problem(Array(good.dropLast())).contains("31 bytes"))
        #expect(try problem([0, 0, 0, 0] + good).contains("0 components"))
        #expect(try problem([255, 255, 255, 127] + good).contains("2147483647 components"))
        #expect(try problem([255, 255, 255, 255] + good).contains("-1 components"))
        #expect(try problem(good, "x.vecs").contains("does not end in"))
        var other = good
        other[16] = 4
        #expect(try problem(other).contains("vector 1 has 4 components"))
        #expect(try problem(Self.bytes([[Float(1), 2], [3, .nan]])).contains("NaN at row 1, column 1"))
    }

    @Test func missingFile() {
        let error = datasetError { try FVecsVectors("/no/such/x.fvecs") }
        #expect(error?.path == "/no/such/x.fvecs" && error?.remedy == "check the path")
    }

    @Test(.enabled(if: RealData.has("sift"), "LLOYD_DATA names no folder with sift/"))
    func sift() throws {
        let vectors = try FVecsVectors(RealData.folder! + "/sift/learn.fvecs")
        #expect(vectors.count == 25_000 && vectors.dimension == 128)
        let matrix = try vectors.readShard(0..<25_000)
        withExtendedLifetime(matrix) {
            #expect(matrix.storage.elements.allSatisfy { $0 >= 0 && $0 <= 255 && $0 == $0.rounded() })
        }
    }
}

struct MisnamedVectorTests {
    private func file(_ words: [UInt32], name: String) throws -> FVecsVectors {
        let folder = try ScratchFolder()
        let all = [UInt32(words.count)] + words
        return try FVecsVectors(
            folder.write(all.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }, to: name))
    }

    @Test func integersNamedFloatsAndFloatsNamedIntegersAreRecognized() throws {
        let integers = (0..<32).map { UInt32(bitPattern: Int32($0 * 7 - 40)) }
        let floats = (0..<32).map { (Float($0) * 0.5 - 3).bitPattern }
        #expect(datasetError { try file(integers, name: "a.fvecs") }?.remedy.contains(".ivecs") == true)
        #expect(datasetError { try file(floats, name: "a.ivecs") }?.remedy.contains(".fvecs") == true)
        #expect(try file(integers, name: "a.ivecs").dimension == 32 && file(floats, name: "a.fvecs").dimension == 32)
    }
}
