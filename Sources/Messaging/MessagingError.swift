/// A message-passing call that failed, with MPI's own words.
///
///     do { try world.barrier() } catch let error as MessagingError { print(error) }
///     // MPI_Barrier failed on rank 2 (node17): MPI_ERR_COMM: invalid communicator
public struct MessagingError: Error, CustomStringConvertible, Sendable {
    /// The call, such as "MPI_Ialltoallv".
    public let call: String
    /// The rank that made it.
    public let rank: Int
    /// The host of that rank.
    public let host: String
    /// MPI's text, or that of the in-process communicator.
    public let reason: String

    /// - Parameters:
    ///   - call: the call, such as "MPI_Ialltoallv".
    ///   - rank: the rank that made it.
    ///   - host: the host of that rank.
    ///   - reason: why it failed.
    public init(call: String, rank: Int, host: String, reason: String) {
        self.call = call
        self.rank = rank
        self.host = host
        self.reason = reason
    }

    /// "CALL failed on rank R (HOST): REASON".
    public var description: String { "\(call) failed on rank \(rank) (\(host)): \(reason)" }
}
