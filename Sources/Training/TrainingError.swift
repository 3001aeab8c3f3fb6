/// A training run that cannot start or go on, with what would help.
public enum TrainingError: Error, CustomStringConvertible, Sendable {
    /// Some ranks would have no shard.
    case moreRanksThanShards(ranks: Int, shards: Int)
    /// A file of the run folder could not be written or read.
    case file(path: String, problem: String, remedy: String)
    /// A statistic stopped being a finite number.
    case notFinite(what: String, phase: String)
    /// The data cannot be used with these settings.
    case unusable(key: String, problem: String, remedy: String)

    public var description: String {
        switch self {
        case .moreRanksThanShards(let ranks, let shards):
            """
            \(ranks) ranks cannot share \(shards) shards: some ranks would have nothing to do.
              Remedy: start at most \(shards) ranks, or raise the key `shards` (it is part of the result).
            """
        case .file(let path, let problem, let remedy): "\(path): \(problem)\n  Remedy: \(remedy)"
        case .notFinite(let what, let phase):
            """
            \(what) is not a finite number (in phase \(phase)).
              Remedy: check the data for extreme values; nothing of this step was kept.
            """
        case .unusable(let key, let problem, let remedy): "key `\(key)`: \(problem)\n  Remedy: \(remedy)"
        }
    }
}
