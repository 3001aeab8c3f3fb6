import COpenMPI

/// A nonblocking MPI collective under way.
///
///     let transfer = try world.startAllGather(buffer, counts: counts, offsets: offsets)
///     while try !transfer.test() { computeALittle() }      // MPI advances inside test()
///     use(buffer)
///
/// MPI reads the counts and displacements until the end, so the transfer owns them. If it is dropped before it has
/// completed, MPI is left with buffers that may be freed: the communicator remembers it, and its next call throws.
final class MPITransfer: Transfer {
    private let communicator: MPICommunicator
    private let call: StaticString
    private var request: MPI_Request? = lloyd_mpi_request_null()
    private var completed = false
    /// Counts and displacements, as many as the call needs.
    let numbers: UnsafeMutablePointer<Int32>
    /// Types, one a segment; used by all-to-all only.
    let types: UnsafeMutablePointer<MPI_Datatype?>
    private var derived: [SegmentShape] = []

    init(_ communicator: MPICommunicator, _ call: StaticString, numbers: Int, types: Int) {
        self.communicator = communicator
        self.call = call
        self.numbers = .allocate(capacity: max(numbers, 1))
        self.types = .allocate(capacity: max(types, 1))
    }

    /// Files one segment under `index` of a table of `rows` segments that starts at number `first`.
    func set(_ index: Int, rows: Int, first: Int, _ shape: SegmentShape) {
        numbers[2 * first + index] = shape.count
        numbers[2 * first + rows + index] = shape.displacement
        types[first + index] = shape.type
        if shape.isDerived { derived.append(shape) }
    }

    /// Calls MPI, which fills the request.
    func start(_ body: (UnsafeMutablePointer<MPI_Request?>) -> Int32) throws {
        let code = body(&request)
        if code != MPI_SUCCESS {
            finish()
            throw communicator.failed(call, code)
        }
    }

    func test() throws -> Bool {
        if completed { return true }
        var flag: Int32 = 0
        let code = MPI_Test(&request, &flag, lloyd_mpi_status_ignore())
        if code != MPI_SUCCESS {
            finish()
            throw communicator.failed(call, code)
        }
        if flag != 0 { finish() }
        return flag != 0
    }

    func wait() throws {
        if completed { return }
        let code = MPI_Wait(&request, lloyd_mpi_status_ignore())
        finish()
        if code != MPI_SUCCESS { throw communicator.failed(call, code) }
    }

    /// Before `start`: gives up what was prepared. After: nothing is left to do.
    func finish() {
        completed = true
        for shape in derived { shape.release() }
        derived.removeAll()
    }

    deinit {
        guard completed else {
            // MPI may still read the tables: they stay allocated.
            communicator.noteDropped(call)
            return
        }
        numbers.deallocate()
        types.deallocate()
    }
}
