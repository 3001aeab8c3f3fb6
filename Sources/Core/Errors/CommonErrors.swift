/// The errors that are thrown in many files, in short.
extension LloydError {
    /// A data file or folder that cannot be used.
    /// - Parameter path: the file, folder or synthetic source.
    public init(path: String, problem: String, remedy: String, kind: Kind = .input) {
        self.init(kind, at: path, problem: problem, remedy: remedy)
    }

    /// A report that cannot be made.
    /// - Parameter part: the part of the report, or the file that it is made of.
    public init(at part: String, item: String = "", problem: String, remedy: String) {
        self.init(.report, at: part, item: item, problem: problem, remedy: remedy)
    }

    /// Some ranks would have no shard: there must be at least as many shards as ranks.
    public static func moreRanksThanShards(ranks: Int, shards: Int) -> LloydError {
        LloydError(
            .unsuitable, at: "key `shards`",
            problem: "\(ranks) ranks cannot share \(shards) shards: some ranks would have nothing to do",
            remedy: "start at most \(shards) ranks, or raise the key `shards` (it is part of the result)")
    }

    /// A file of the run folder could not be written or read.
    public static func file(path: String, problem: String, remedy: String) -> LloydError {
        LloydError(.output, at: path, problem: problem, remedy: remedy)
    }

    /// A statistic stopped being a finite number.
    public static func notFinite(what: String, phase: String) -> LloydError {
        LloydError(
            .notFinite, at: "phase \(phase)", problem: "\(what) is not a finite number",
            remedy: "check the data for extreme values; nothing of this step was kept")
    }

    /// The data cannot be used with these settings.
    public static func unusable(key: String, problem: String, remedy: String) -> LloydError {
        LloydError(.unsuitable, at: "key `\(key)`", problem: problem, remedy: remedy)
    }
}
