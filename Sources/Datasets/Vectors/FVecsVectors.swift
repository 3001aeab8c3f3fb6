import Core
import Foundation

/// The vectors of a .fvecs, .ivecs or .bvecs file, the layouts of the SIFT and GIST benchmark sets.
///
///     let descriptors = try FVecsVectors("sift/learn.fvecs")
///     descriptors.dimension                         // 128
///     try descriptors.read(0, into: row)
///
/// Every vector is its dimension as a 32-bit integer, then its components: floats (.fvecs), 32-bit integers (.ivecs) or
/// bytes (.bvecs), little-endian; the extension tells which. The file is mapped, not loaded.
///
/// Source: Jegou, Douze, Schmid, "Product quantization for nearest neighbor search", 2011 (the sets' description).
public struct FVecsVectors: VectorSource {
    public let name: String
    public let count: Int
    public let dimension: Int
    private let file: MappedFile
    private let element: NumPyElement
    /// Bytes from one vector to the next.
    private let stride: Int

    /// Opens the file.
    /// - Throws: `LloydError` for another extension, a size that is not a whole number of vectors, and components that
    ///   look like those of another extension.
    public init(_ path: String) throws {
        name = path
        let descriptors = ["fvecs": "<f4", "ivecs": "<i4", "bvecs": "|u1"]
        let suffix = (path as NSString).pathExtension.lowercased()
        guard let descriptor = descriptors[suffix], let element = NumPyElement(descriptor: descriptor) else {
            throw LloydError(
                path: path, problem: "does not end in .fvecs, .ivecs or .bvecs, which tells the type of its components",
                remedy: "rename the file")
        }
        file = try MappedFile(path)
        guard file.bytes.count >= 4 else {
            throw LloydError(
                path: path, problem: file.bytes.isEmpty ? "is empty" : "is too short for a vector",
                remedy: "copy the file again")
        }
        let first = Int(Int32(littleEndian: file.bytes.loadUnaligned(as: Int32.self)))
        guard first > 0, first <= (file.bytes.count - 4) / element.size else {
            throw LloydError(
                path: path,
                problem: "says that its first vector has \(first) components, which its size of "
                    + "\(file.bytes.count) bytes does not allow",
                remedy: "check that it is a .\(suffix) file and complete")
        }
        stride = 4 + first * element.size
        guard file.bytes.count % stride == 0 else {
            throw LloydError(
                path: path,
                problem: "has \(file.bytes.count) bytes, which is not a whole number of vectors of \(first) "
                    + "components (\(stride) bytes each)",
                remedy: "copy the file again, it may be cut short")
        }
        self.element = element
        dimension = first
        count = file.bytes.count / stride
        try checkType(suffix)
    }

    /// Integers read as floats are tiny numbers or NaN; floats read as integers are all near 2^30.
    ///
    /// - Throws: `LloydError` if most of the first components say that the name is wrong.
    private func checkType(_ suffix: String) throws {
        guard element.size == 4 else { return }
        var (odd, all) = (0, 0)
        for vector in 0..<min(count, max(1, 4096 / dimension)) {
            let start = file.bytes.baseAddress! + vector * stride + 4
            for component in 0..<min(dimension, 4096) {
                let bits = UInt32(littleEndian: start.loadUnaligned(fromByteOffset: 4 * component, as: UInt32.self))
                let exponent = Int(bits >> 23 & 255)
                guard bits << 1 != 0 else { continue }
                all += 1
                let isOdd = element.kind == .float ? exponent == 0 || exponent == 255 : (100...150).contains(exponent)
                if isOdd { odd += 1 }
            }
        }
        // A few such values are data; NaN among floats is found, and named, when it is read.
        guard all >= 8, 10 * odd > 9 * all else { return }
        let (here, there) = element.kind == .float ? ("32-bit integers", "ivecs") : ("32-bit floats", "fvecs")
        throw LloydError(
            path: name, problem: "ends in .\(suffix), but \(odd) of its first \(all) components are \(here)",
            remedy: "rename the file to .\(there)")
    }

    public func itemName(_ index: Int) -> String { "vector \(index) of \(name)" }

    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        precondition(index >= 0 && index < count && destination.count == dimension)
        let start = file.bytes.baseAddress! + index * stride
        let stated = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
        guard stated == dimension else {
            throw LloydError(
                path: name,
                problem: "says that vector \(index) has \(stated) components, but its first has \(dimension)",
                remedy: "store vectors of different dimensions in different files, or copy the file again")
        }
        element.convert(start + 4, count: dimension, to: destination.baseAddress!)
        try checkFinite(destination, row: index, path: name)
    }

    /// The file's pages stay in the kernel's cache as long as there is room.
    public func releasePages() { file.releasePages() }
}
