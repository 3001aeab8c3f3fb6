import CZlib
import Core
import Datasets
import Foundation

/// A coded image on disk: what it is, which model decodes it, and chunks of coded data with checksums.
///
///     let kind = CodedFile.Kind(number: 200, parameters: 1)   // one parameter: channels
///     var file = CodedFile(kind: kind, fingerprint: fingerprint, width: 768, height: 512, parameters: [3])
///     file.chunks.append(coded)
///     try OutputFile.write(file.data, to: "image.lloyd")
///     let back = try CodedFile(path: "image.lloyd", kinds: [kind])
///
/// Bytes: "\x8CLLD", format version, kind, 8 bytes of the model's fingerprint, then width, height and the kind's parameters
/// as variable-length integers, and the header's CRC-32. Each chunk: its length as such an integer, a CRC-32 over the header's
/// checksum, the chunk's index and its bytes, and its bytes. Integers are little endian. The file ends with its last chunk.
///
/// Nothing is allocated on a length that the file states before as many bytes are there.
public struct CodedFile: Sendable, Equatable {
    /// What the chunks hold: one method's coded images. Each method that codes images brings its own.
    public struct Kind: Sendable, Hashable {
        /// What the file calls it. No two methods of a program may have the same. Never change one: it is part of the
        /// format. Methods of this package have numbers below 128, others take one from 128 on.
        public let number: UInt8
        /// How many integers follow width and height in the header; what they mean is the method's.
        public let parameters: Int

        /// - Precondition: `parameters` is not negative.
        public init(number: UInt8, parameters: Int) {
            precondition(parameters >= 0)
            self.number = number
            self.parameters = parameters
        }
    }

    /// The first bytes of every coded file.
    public static let magic: [UInt8] = [0x8C, 0x4C, 0x4C, 0x44]
    /// Of the format: files of another version are refused.
    public static let version: UInt8 = 1
    /// Larger sides are refused, so that padding to whole blocks stays in proportion.
    public static let sideLimit = 65_535
    /// Larger files are refused, in bytes: more than any image within the limits takes without being coded at all.
    public static let sizeLimit = 1 << 30

    /// Which method coded the image.
    public var kind: Kind
    /// Of the model that decodes the file.
    public var fingerprint: UInt64
    /// In pixels, 1...`sideLimit`.
    public var width: Int
    /// In pixels, 1...`sideLimit`.
    public var height: Int
    /// The kind's own integers, as many as it has, none below 0 or above 2^35 - 1.
    public var parameters: [Int]
    /// The coded data; how it is divided is the kind's.
    public var chunks: [Data] = []
    /// Bytes that the last chunk lacks, at least; above 0 only if the file was allowed to be cut short.
    public private(set) var missingBytes = 0

    /// A file without chunks yet.
    /// - Parameter fingerprint: of the model that decodes the file.
    /// - Precondition: sides of 1...`sideLimit`; as many parameters as the kind has, none below 0.
    public init(kind: Kind, fingerprint: UInt64, width: Int, height: Int, parameters: [Int]) {
        precondition((1...Self.sideLimit).contains(width) && (1...Self.sideLimit).contains(height))
        precondition(parameters.count == kind.parameters && parameters.allSatisfy { $0 >= 0 })
        self.kind = kind
        self.fingerprint = fingerprint
        self.width = width
        self.height = height
        self.parameters = parameters
    }

    // MARK: Writing

    /// The file's bytes.
    public var data: Data {
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append([Self.version, kind.number])
        writer.append(fingerprint)
        for number in [width, height] + parameters { writer.append(variable: number) }
        let checksum = Checksum.of(writer.bytes)
        writer.append(checksum)
        for (index, chunk) in chunks.enumerated() {
            writer.append(variable: chunk.count)
            writer.append(Self.checksum(of: chunk, index: index, header: checksum))
            writer.append(chunk)
        }
        return Data(writer.bytes)
    }

    // MARK: Reading

    /// Reads a file's bytes and checks them.
    /// - Parameters:
    ///   - name: what errors call the file.
    ///   - kinds: those that the caller decodes; a file of any other is refused.
    ///   - pixelLimit: images of more pixels are refused.
    ///   - allowingCutShort: if the file ends within its last chunk, takes what is left of it, unchecked.
    /// - Throws: `LloydError` that says which part is damaged, or that the file is of another kind or version.
    public init(
        _ data: Data, name: String, kinds: [Kind], pixelLimit: Int = ImageHeader.defaultPixelLimit,
        allowingCutShort: Bool = false
    ) throws {
        func damaged(_ problem: String) -> LloydError {
            LloydError(path: name, problem: problem, remedy: "copy the file again, or encode the image anew")
        }
        try Self.requireMagic(data, name)
        let bytes = [UInt8](data)
        var reader = ByteReader(bytes, from: Self.magic.count)
        guard let version = reader.byte(), let number = reader.byte() else { throw damaged("ends within its header") }
        guard version == Self.version else {
            throw LloydError(
                path: name, problem: "has format version \(version), this program reads \(Self.version)",
                remedy: "decode it with the version of the program that wrote it")
        }
        guard let kind = kinds.first(where: { $0.number == number }) else {
            throw LloydError(
                path: name,
                problem: "is of a kind that is not decoded here (\(number)): another method coded it, or it is damaged",
                remedy: "decode it with the program and the method that encoded it, or copy the file again")
        }
        guard let fingerprint = reader.integer(UInt64.self) else { throw damaged("ends within its header") }
        var numbers: [Int] = []
        for _ in 0..<2 + kind.parameters {
            guard let number = reader.variable() else { throw damaged("has a damaged or incomplete header") }
            numbers.append(number)
        }
        let own = Checksum.of(bytes[..<reader.position])
        guard let checksum = reader.integer(UInt32.self), checksum == own else {
            throw damaged("has a damaged header: its checksum does not fit")
        }
        guard numbers.prefix(2).allSatisfy((1...Self.sideLimit).contains) else {
            throw damaged("states an impossible size, \(numbers[0])x\(numbers[1])")
        }
        guard numbers[0] * numbers[1] <= pixelLimit else {
            throw LloydError(
                path: name, problem: "states \(numbers[0])x\(numbers[1]) pixels, more than the limit of \(pixelLimit)",
                remedy: "raise the limit if the file is to be trusted")
        }
        self.init(
            kind: kind, fingerprint: fingerprint, width: numbers[0], height: numbers[1],
            parameters: Array(numbers[2...]))
        while !reader.isAtEnd {
            let index = chunks.count
            let length = reader.variable()
            let stated = reader.integer(UInt32.self)
            guard let length, let stated, let chunk = reader.bytes(length) else {
                guard allowingCutShort else { throw damaged("ends within chunk \(index + 1)") }
                let left = reader.rest()
                if length != nil, stated != nil { chunks.append(left) }
                missingBytes = max(1, (length ?? 1) - left.count)
                break
            }
            guard Self.checksum(of: chunk, index: index, header: checksum) == stated else {
                throw damaged("has a damaged chunk \(index + 1): its checksum does not fit")
            }
            chunks.append(chunk)
        }
    }

    /// Reads a file and checks it; parameters as for bytes.
    /// - Throws: `LloydError` also for a path that is not a file, or one that cannot be read.
    public init(
        path: String, kinds: [Kind], pixelLimit: Int = ImageHeader.defaultPixelLimit, allowingCutShort: Bool = false
    ) throws {
        // A wrong file may be of any size: its first bytes tell, before it is read whole.
        try Self.requireMagic(InputFile.prefix(path, count: Self.magic.count), path)
        let data = try InputFile.read(path, most: Self.sizeLimit)
        try self.init(
            data, name: path, kinds: kinds, pixelLimit: pixelLimit, allowingCutShort: allowingCutShort)
    }

    private static func requireMagic(_ data: some Sequence<UInt8>, _ name: String) throws {
        guard data.starts(with: magic) else {
            throw LloydError(
                path: name, problem: "is not a coded image of this program",
                remedy: "name a file that `lloyd encode` wrote")
        }
    }

    /// A chunk that is moved within its file, or into another, does not fit either.
    private static func checksum(of chunk: Data, index: Int, header: UInt32) -> UInt32 {
        var writer = ByteWriter()
        writer.append(header)
        writer.append(UInt64(index))
        return Checksum.of(chunk, after: Checksum.of(writer.bytes))
    }
}

/// CRC-32 by zlib.
package enum Checksum {
    /// The checksum of some bytes, or of bytes that follow those with the checksum `previous`.
    package static func of(_ bytes: some ContiguousBytes, after previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return previous }
            return UInt32(crc32_z(UInt(previous), start, buffer.count))
        }
    }
}
