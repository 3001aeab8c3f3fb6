/// What a method adds to the help of a command: what is special about it there, and examples.
///
///     MethodHelp(
///         .evaluate, "A run of a product quantizer has one point.",
///         examples: ["lloyd evaluate runs/pq --data photos --json pq.json"])
public struct MethodHelp: Sendable {
    /// Commands to whose help a method can add.
    public enum Topic: Sendable {
        /// The program as a whole: `lloyd --help`.
        case program
        case train, plan, encode, decode, evaluate, check, compare, report, export
    }

    /// Where it stands.
    public var topic: Topic
    /// Sentences; may be empty.
    public var text: String
    /// Command lines, one each. What it is for may follow, after three spaces.
    public var examples: [String]

    public init(_ topic: Topic, _ text: String = "", examples: [String] = []) {
        (self.topic, self.text, self.examples) = (topic, text, examples)
    }
}
