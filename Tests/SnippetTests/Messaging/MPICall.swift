// Lines stand as in the doc comments.
// swift-format-ignore-file
import COpenMPI

@testable import Messaging

private func mpiCallExample(communicator: MPI_Comm?) throws {
    let calls = MPICall(rank: 2, host: "node17")
    try calls.check("MPI_Barrier", MPI_Barrier(communicator))
    // throws MessagingError: MPI_Barrier failed on rank 2 (node17): MPI_ERR_COMM: invalid communicator
}
