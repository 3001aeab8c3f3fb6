// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func messagingErrorExample(world: any Communicator) throws {
    do { try world.barrier() } catch let error as MessagingError { print(error) }
    // MPI_Barrier failed on rank 2 (node17): MPI_ERR_COMM: invalid communicator
}
