/// What a run cost, as kept in accounting.json: not part of the result, and different every time.
public struct RunAccounting: Codable, Sendable {
    /// In the run folder.
    public static let fileName = "accounting.json"

    /// Processes of the run.
    public var ranks: Int
    /// Threads of each process.
    public var threads: Int
    /// Seconds from start to end on the coordinator.
    public var seconds: Double
    /// Largest resident memory of a rank, in MB.
    public var peakMegabytes: Int
    /// MB that the coordinator sent and received in reductions.
    public var reducedMegabytes: Double
    /// Seconds by phase and activity.
    public var rows: [Accounting.Row]

    /// What one start of a run cost.
    public init(
        ranks: Int, threads: Int, seconds: Double, peakMegabytes: Int, reducedMegabytes: Double,
        rows: [Accounting.Row]
    ) {
        self.ranks = ranks
        self.threads = threads
        self.seconds = seconds
        self.peakMegabytes = peakMegabytes
        self.reducedMegabytes = reducedMegabytes
        self.rows = rows
    }
}
