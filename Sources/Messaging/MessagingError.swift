/// A message-passing call that failed, with MPI's own words.
///
///     do { try world.barrier() } catch let error as MessagingError { print(error) }
///     // MPI_Barrier failed on rank 2 (node17): MPI_ERR_COMM: invalid communicator
public struct MessagingError: Error, CustomStringConvertible, Sendable {
    /// The call, such as "MPI_Ialltoallv".
    public let call: String
    public let rank: Int
    public let host: String
    /// What MPI (or the in-process communicator) says about it.
    public let reason: String

    public init(call: String, rank: Int, host: String, reason: String) {
        self.call = call
        self.rank = rank
        self.host = host
        self.reason = reason
    }

    public var description: String { "\(call) failed on rank \(rank) (\(host)): \(reason)" }
}
