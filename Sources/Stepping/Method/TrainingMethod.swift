/// What a quantizer supplies to be trained on any number of machines: `map` and `update`. It never sees a message.
///
///     while !method.isFinished {                              // what `TrainingLoop` does, in short
///         let total = try sum(method.layout, method.map)
///         _ = try method.update(total, team: team)
///     }
///
/// Every training method, a K-means pass or a gradient step, has the shape: map each shard to additive statistics, add
/// them in an order fixed by the shard index alone, repeat the same update on the same sum on every rank.
public protocol TrainingMethod: AnyObject {
    /// What the next step does, in a word or two, for messages and the accounting table.
    var phase: String { get }
    /// The shape of the next step's statistics.
    var layout: StatisticsLayout { get }
    /// Whether there are no more steps.
    var isFinished: Bool { get }
    /// The share of the whole work that is done, in 0...1.
    var progress: Double { get }
    /// The part of `progress` that an earlier process has done.
    var restored: Double { get }

    /// Adds the contribution of one shard to zeroed statistics. Called once per owned shard and step, on several threads
    /// at once; may change only state that belongs to the shard or to `worker` (0..<threads).
    /// - Throws: what makes the run fail, such as an error of the data.
    func map(shard: Int, worker: Int, into statistics: Statistics) throws

    /// Takes the sum over all shards. Called on every rank with the same bytes; must do the same everywhere.
    /// - Returns: a row of metrics if this step ends something worth recording.
    /// - Throws: what makes the run fail, such as a sum that is not finite.
    func update(_ total: Statistics, team: Team) throws -> MetricRow?

    /// Files that have become due since the last call. The loop asks the coordinator's method after every step.
    func takeArtifacts() -> [Artifact]
}

extension TrainingMethod {
    /// Nothing: a method that always starts from its beginning.
    public var restored: Double { 0 }
}
