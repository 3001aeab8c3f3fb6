// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func mpiEnvironmentExample(work: (any Communicator) throws -> Void) throws {
    let world = try MPIEnvironment.start()          // one rank without mpirun
    print(world.rank, world.size, MPIEnvironment.libraryVersion)
    try work(world)
    try MPIEnvironment.finish()                     // `Job.run` does this at a clean end
}
