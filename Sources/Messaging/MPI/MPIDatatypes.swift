import COpenMPI

extension TransferType {
    /// MPI's name for this type.
    var mpi: MPI_Datatype? {
        switch self {
        case .byte: lloyd_mpi_byte()
        case .int32: lloyd_mpi_int32()
        case .int64: lloyd_mpi_int64()
        case .float: lloyd_mpi_float()
        case .double: lloyd_mpi_double()
        }
    }
}

/// One member's segment as MPI's all-to-all takes it: a count, a displacement in bytes and a type.
///
/// MPI counts in 32-bit integers. A segment beyond them (more than 2^31 - 1 elements, or further than that many bytes
/// from the start of the buffer) travels as one element of a derived type that carries the whole shape:
///
///     let near = try SegmentShape(count: 10, offset: 4, type: .float, calls)      // 10, 16 bytes, MPI_FLOAT
///     let far = try SegmentShape(count: 3 << 30, offset: 0, type: .float, calls)  // 1, 0, a derived type
///     far.release()
///
/// Sender and receiver may choose differently: MPI only requires that the sequences of basic elements agree.
package struct SegmentShape {
    let count: Int32
    let displacement: Int32
    let type: MPI_Datatype?
    /// Whether `type` was made here and needs `release`.
    let isDerived: Bool

    /// The most elements and bytes that one count and displacement state. Smaller in tests only, which reach the path of
    /// large segments in this way.
    nonisolated(unsafe) package static var limit = Int(Int32.max)

    init(count: Int, offset: Int, type: TransferType, _ calls: MPICall) throws {
        let bytes = offset * type.stride
        if count == 0 || (count <= Self.limit && bytes <= Self.limit) {
            self.count = Int32(count)
            displacement = count == 0 ? 0 : Int32(bytes)
            self.type = type.mpi
            isDerived = false
            return
        }
        let blocks = (count + Self.limit - 1) / Self.limit
        let lengths = (0..<blocks).map { Int32(min(Self.limit, count - $0 * Self.limit)) }
        let displacements = (0..<blocks).map { MPI_Aint(bytes + $0 * Self.limit * type.stride) }
        var derived: MPI_Datatype?
        try calls.check(
            "MPI_Type_create_hindexed",
            MPI_Type_create_hindexed(Int32(blocks), lengths, displacements, type.mpi, &derived))
        let code = MPI_Type_commit(&derived)
        if code != MPI_SUCCESS {
            _ = MPI_Type_free(&derived)
            throw calls.error("MPI_Type_commit", code)
        }
        self.count = 1
        displacement = 0
        self.type = derived
        isDerived = true
    }

    /// Frees a derived type. Only after the transfer that used it has completed.
    func release() {
        var derived = type
        if isDerived { _ = MPI_Type_free(&derived) }
    }
}
