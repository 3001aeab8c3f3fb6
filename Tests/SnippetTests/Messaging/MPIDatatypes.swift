// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

private func mpiDatatypesExample(calls: MPICall) throws {
    let near = try SegmentShape(count: 10, offset: 4, type: .float, calls)      // 10, 16 bytes, MPI_FLOAT
    let far = try SegmentShape(count: 3 << 30, offset: 0, type: .float, calls)  // 1, 0, a derived type
    far.release()
}
