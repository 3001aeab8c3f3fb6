import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

struct SafeTensorsTests {
    static let tensors: [String: Tensor] = [
        "z/codebook": Tensor(Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6.5])),
        "bytes": Tensor([UInt8(1), 2, 255]), "a \"name\"\n\\é": Tensor([Int64(-7)], shape: []),
        "doubles": Tensor([1.25, -2], shape: [1, 2]), "counts": Tensor([Int32(-1), 5], shape: [2, 1]),
        "empty": Tensor([Float](), shape: [0, 4]),
    ]
    static let metadata = ["seed": "7", "config": "line\none \"quoted\" \u{1}"]

    @Test func roundTrip() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        try SafeTensors.write(Self.tensors, metadata: Self.metadata, to: path)
        let file = try SafeTensors(path)
        #expect(file.metadata == Self.metadata)
        #expect(file.names == ["a \"name\"\n\\é", "bytes", "counts", "doubles", "empty", "z/codebook"])
        for (name, tensor) in Self.tensors { #expect(try file.tensor(name) == tensor, "\(name)") }
        #expect(try file.matrix("z/codebook")[1, 2] == 6.5)
        #expect(try file.elements("counts", as: Int32.self) == [-1, 5])
        #expect(try file.elements("doubles", as: Double.self) == [1.25, -2])
        #expect(try file.elements("bytes", as: UInt8.self) == [1, 2, 255])
        #expect(file.description(of: "counts")?.shape == [2, 1] && file.description(of: "nothing") == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.safetensors"])
    }

    @Test func theSameContentGivesTheSameBytes() throws {
        let folder = try ScratchFolder()
        let (one, two) = (folder.path + "/1", folder.path + "/2")
        var other: [String: Tensor] = [:]
        for name in Self.tensors.keys.sorted(by: >) { other[name] = Self.tensors[name] }
        try SafeTensors.write(Self.tensors, metadata: Self.metadata, to: one)
        try SafeTensors.write(other, metadata: Self.metadata, to: two)
        #expect(FileManager.default.contents(atPath: one) == FileManager.default.contents(atPath: two))
        try SafeTensors.write([:], to: one)
        #expect(try SafeTensors(one).names.isEmpty)
    }

    @Test func askingForWhatIsNotThere() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        try SafeTensors.write(Self.tensors, to: path)
        let file = try SafeTensors(path)
        let missing = datasetError { try file.tensor("codebok") }
        #expect(missing?.path == path && missing?.problem.contains("'codebok'") == true)
        #expect(datasetError { try file.matrix("doubles") }?.problem.contains("F64 of shape [1, 2]") == true)
        #expect(datasetError { try file.elements("doubles", as: Float.self) }?.problem.contains("not F32") == true)
        let folderMissing = datasetError { try SafeTensors.write([:], to: folder.path + "/none/x") }
        #expect(folderMissing?.remedy == "make its folder first")
    }

    static func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, ""),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "but it takes 12"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#, "at [0, 9] of 8"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "at [8, 0]"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "at [-8, 0]"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "at [0]"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "impossible shape"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, "impossible shape"),
        (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, "range"),
        (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#, "header"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "4 bytes behind"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "4 bytes before 'a'"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "overlap"
        ),
        (#"{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}"#, ""),
        (#"{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,8]}}"#, "but it takes 6"),
        (#"{"a":{"dtype":"NEW9","shape":[3],"data_offsets":[0,8]}}"#, ""),
        (#"{"__metadata__":null,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, ""),
        (#"{"e":{"dtype":"F32","shape":[1152921504606846976,0],"data_offsets":[0,0]}}"#, "impossible shape"),
        (
            #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#,
            "twice"
        ),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, "no `a.data_offsets`"), (#"{"__metadata__":{"x":1}}"#, "another type"),
        (#"["a"]"#, "not a JSON object"), (#"{"a":"#, "ends too early"), ("", "not a JSON object"),
    ])
    func headersAreChecked(_ header: String, _ problem: String) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Self.file(header, [UInt8](repeating: 0, count: 8)), to: "x.safetensors")
        let error = datasetError { try SafeTensors(path) }
        if problem.isEmpty {
            #expect(error == nil)
        } else {
            #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        }
    }

    @Test func halvesAreConvertedExactlyAndOtherTypesOnlyMatterWhenAskedFor() throws {
        let header =
            #"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},"#
            + #""flag":{"dtype":"BOOL","shape":[3],"data_offsets":[12,15]}}"#
        // 1, -2, the smallest half, the largest; then 1 and -2 as bfloat16.
        let bytes: [UInt8] = [0, 0x3C, 0, 0xC0, 1, 0, 0xFF, 0x7B, 0x80, 0x3F, 0, 0xC0, 1, 0, 1]
        let folder = try ScratchFolder()
        let file = try SafeTensors(folder.write(Self.file(header, bytes), to: "x.safetensors"))
        #expect(try file.tensor("h").convertedFloats() == [1, -2, 0x1p-24, 65504])
        #expect(try file.tensor("b").convertedFloats() == [1, -2])
        #expect(datasetError { try file.tensor("flag") }?.problem.contains("'flag' as BOOL") == true)
        #expect(file.description(of: "flag")?.dtype == "BOOL")
    }

    @Test func impossibleHeaderLengths() throws {
        let folder = try ScratchFolder()
        for length in [9, 1 << 40, UInt64.max] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}      ".utf8)
            let path = try folder.write(bytes, to: "x.safetensors")
            #expect(datasetError { try SafeTensors(path) }?.problem.contains("cut short") == true)
        }
        let nested = String(repeating: "{\"a\":", count: 100_000)
        let path = try folder.write(Self.file(nested, []), to: "x.safetensors")
        #expect(datasetError { try SafeTensors(path) } != nil)
    }

    @Test func damageNeverCrashesAndTruncationIsAlwaysFound() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        try SafeTensors.write(Self.tensors, metadata: Self.metadata, to: path)
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        for copy in damagedCopies(of: bytes, count: 900) {
            let damaged = try folder.write(copy, to: "damaged")
            do {
                let file = try SafeTensors(damaged)
                #expect(copy.count == bytes.count)
                for name in file.names { _ = try file.tensor(name) }
            } catch { #expect(error is LloydError) }
        }
    }

    @Test(.enabled(if: PythonScript.has("numpy"), "Python with NumPy is not installed"))
    func pythonParsesItByTheFormat() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        try SafeTensors.write(Self.tensors, metadata: Self.metadata, to: path)
        let script = """
            import sys, json, struct, numpy as np
            raw = open(sys.argv[1], 'rb').read()
            n = struct.unpack('<Q', raw[:8])[0]
            header = json.loads(raw[8:8+n].decode('utf-8'))
            assert n % 8 == 0 and header.pop('__metadata__') == {'seed': '7', 'config': 'line\\none "quoted" \\x01'}
            types = {'F32': 'f4', 'F64': 'f8', 'I32': 'i4', 'I64': 'i8', 'U8': 'u1'}
            for name in sorted(header):
                entry = header[name]
                a, b = entry['data_offsets']
                assert a % np.dtype(types[entry['dtype']]).itemsize == 0
                x = np.frombuffer(raw[8+n+a:8+n+b], types[entry['dtype']]).reshape(entry['shape'])
                print(x.dtype, x.shape, float(x.sum()))
            """
        let expected = """
            int64 () -7.0
            uint8 (3,) 258.0
            int32 (2, 1) 4.0
            float64 (1, 2) -0.75
            float32 (0, 4) 0.0
            float32 (2, 3) 21.5

            """
        #expect(try PythonScript(modules: [], script).run([path]) == expected)
    }

    @Test(.enabled(if: PythonScript.has("safetensors.numpy"), "Python with safetensors is not installed"))
    func theReferenceImplementationAgrees() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        try SafeTensors.write(Self.tensors, metadata: Self.metadata, to: path)
        let script = """
            import sys, numpy as np
            from safetensors.numpy import load_file, save_file
            x = load_file(sys.argv[1])
            print(len(x), x['z/codebook'].tolist())
            save_file({'m': np.arange(6, dtype=np.float32).reshape(2, 3), 'u': np.uint8([1])}, sys.argv[2])
            """
        let back = folder.path + "/back.safetensors"
        #expect(try PythonScript(modules: [], script).run([path, back]) == "6 [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]\n")
        #expect(try SafeTensors(back).matrix("m")[1, 2] == 5)
    }
}
