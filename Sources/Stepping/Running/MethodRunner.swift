/// What runs training methods to their end, one after another: a loop over the ranks of a job, or `LocalRunner`.
///
///     guard try runner.run(seeding, named: nil, spanning: 0...0.1, keepingEnd: false) == .finished else { return nil }
///     guard try runner.run(passes, named: "passes", spanning: 0.1...1, keepingEnd: true) == .finished else { return nil }
///
/// A training of several methods is code that runs them in sequence; no method contains another one.
public protocol MethodRunner: AnyObject {
    /// The threads that map shards.
    var team: Team { get }
    /// How many shards the data are cut into; part of the result.
    var shards: Int { get }
    /// The shards that this process maps.
    var owned: Range<Int> { get }

    /// Runs a method to its end, or until a stop is asked for.
    /// - Parameters:
    ///   - name: tells it from the other methods of a part of the run, so that a resumed run finds its state; nil for its
    ///     number.
    ///   - share: the share of the part's work that the method is, within 0...1.
    ///   - keepingEnd: whether what comes after it in the part needs its state, so that checkpoints keep it.
    /// - Throws: what the method throws; what exchanging its statistics throws.
    func run(
        _ method: any TrainingMethod, named name: String?, spanning share: ClosedRange<Double>, keepingEnd: Bool
    ) throws -> RunOutcome

    /// Whether an earlier process left the state of the method of this name: the methods before it need not be repeated.
    func holdsState(named name: String) -> Bool
}

/// How running a method ended: at its own end, or because a stop was asked for.
public enum RunOutcome: Sendable { case finished, stopped }
