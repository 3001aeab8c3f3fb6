/// The rows of a two-dimensional .npy file.
///
///     let vectors = try NumPyVectors("features.npy")
///     vectors.count                                 // rows
///     vectors.dimension                             // columns
///     try vectors.read(17, into: row)               // converted to Float
///
/// Elements may be float16, float32, float64, integers of 8 to 64 bits or booleans, in either byte order; what Float does
/// not hold exactly (float64, integers beyond 2^24) is rounded to nearest. The file is mapped, not loaded: ranks on one
/// node share one copy, and each touches only the rows that it reads.
public struct NumPyVectors: VectorSource {
    public let name: String
    public let count: Int
    public let dimension: Int
    private let file: MappedFile
    private let element: NumPyElement
    private let start: Int

    /// Opens the file and checks its header against its real size.
    ///
    /// - Throws: `LloydError` for anything but rows x columns in C order of a number type, complete.
    public init(_ path: String) throws {
        name = path
        file = try MappedFile(path)
        let header = try NumPyHeader(file.bytes, path: path)
        guard let element = NumPyElement(descriptor: header.descriptor) else {
            throw LloydError(
                path: path,
                problem: "has elements of type '\(header.descriptor.prefix(200))', which are not plain numbers",
                remedy: header.descriptor.hasPrefix("[")
                    ? "save one field, or numpy.lib.recfunctions.structured_to_unstructured(array)"
                    : "save array.astype('float32')")
        }
        let shape = "(\(header.shape.map(String.init).joined(separator: ", "))\(header.shape.count == 1 ? "," : ""))"
        guard header.shape.count == 2 else {
            let remedy =
                switch header.shape.count {
                case 0, 1: "save array.reshape(1, -1) if it is one vector, array.reshape(-1, 1) if it is many numbers"
                default: "save array.reshape(len(array), -1)"
                }
            throw LloydError(
                path: path, problem: "has shape \(shape), but rows of vectors need two dimensions", remedy: remedy)
        }
        guard !header.isFortran else {
            throw LloydError(
                path: path, problem: "is stored column by column (Fortran order)",
                remedy: "save numpy.ascontiguousarray(array)")
        }
        let (rows, columns) = (header.shape[0], header.shape[1])
        guard rows > 0, columns > 0 else {
            throw LloydError(
                path: path, problem: "has shape \(shape), so it is empty", remedy: "save some vectors")
        }
        let (elements, overflow) = rows.multipliedReportingOverflow(by: columns)
        let (size, overflow2) = elements.multipliedReportingOverflow(by: element.size)
        let there = file.bytes.count - header.start
        guard !overflow, !overflow2, size == there else {
            let isShort = overflow || overflow2 || size > there
            throw LloydError(
                path: path,
                problem: "has \(there) bytes of elements, but shape \(shape) of type '\(header.descriptor)' takes "
                    + (overflow || overflow2 ? "more than any file holds" : "\(size)"),
                remedy: isShort ? "copy the file again, it is cut short" : "save one array in a file")
        }
        self.element = element
        start = header.start
        count = rows
        dimension = columns
    }

    public func itemName(_ index: Int) -> String { "row \(index) of \(name)" }

    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        precondition(index >= 0 && index < count && destination.count == dimension)
        element.convert(
            file.bytes.baseAddress! + start + index * dimension * element.size, count: dimension,
            to: destination.baseAddress!)
        try checkFinite(destination, row: index, path: name)
    }

    /// The file's pages stay in the kernel's cache as long as there is room.
    public func releasePages() { file.releasePages() }
}

/// Training on NaN or infinity would silently spoil every codeword, so they are refused when they are read.
func checkFinite(_ row: UnsafeMutableBufferPointer<Float>, row index: Int, path: String) throws {
    // A sum of zero times every component is finite only if all components are; this vectorizes, a search does not.
    var lanes = SIMD16<Float>(repeating: 0)
    var column = 0
    let start = UnsafeRawPointer(row.baseAddress!)
    while column + 16 <= row.count {
        lanes += start.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self) * 0
        column += 16
    }
    var rest = lanes.sum()
    while column < row.count {
        rest += row[column] * 0
        column += 1
    }
    guard !rest.isFinite, let bad = row.firstIndex(where: { !$0.isFinite }) else { return }
    throw LloydError(
        path: path,
        problem: "holds \(row[bad].isNaN ? "NaN" : "infinity, or a number too large for 32-bit floats,") at row "
            + "\(index), column \(bad) (counted from 0)",
        remedy: "replace such values or remove their rows (numpy.isfinite finds them)")
}
