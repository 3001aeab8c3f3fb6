import Training

/// Seconds that coding took, by the parts of the NVTC paper's Table 3.
///
///     var times = CodingTimes()
///     let latents = times.measure(\.transform) { transform(image) }
///     let seconds = times.shares(of: wall)["entropy model"]   // of the wall clock
public struct CodingTimes: Sendable, Equatable {
    /// Vector transform units, scaling, projections.
    public var transform = 0.0
    /// The conditional entropy model, and probabilities in integers.
    public var entropyModel = 0.0
    /// Search or lookup of codewords.
    public var quantization = 0.0
    /// rANS.
    public var entropyCoding = 0.0

    /// What records and reports call the parts, in the order of encoding.
    public static let parts = ["transform", "entropy model", "quantization", "entropy coding"]

    /// Zero for every part.
    public init() {}

    /// In the order of `parts`.
    private var values: [Double] { [transform, entropyModel, quantization, entropyCoding] }
    /// Seconds of all parts together; with several threads, more than the wall clock's.
    public var total: Double { values.reduce(0, +) }

    /// Does `body` and adds its seconds to one part.
    package mutating func measure<Result>(
        _ part: WritableKeyPath<CodingTimes, Double>, _ body: () throws -> Result
    ) rethrows -> Result {
        let start = ContinuousClock.now
        defer { self[keyPath: part] += (ContinuousClock.now - start).seconds }
        return try body()
    }

    /// Adds another's seconds part by part, such as those of another thread.
    package static func += (sum: inout CodingTimes, more: CodingTimes) {
        sum.transform += more.transform
        sum.entropyModel += more.entropyModel
        sum.quantization += more.quantization
        sum.entropyCoding += more.entropyCoding
    }

    /// The wall clock's seconds by part, divided as the threads' own times are; zeros if nothing was measured.
    public func shares(of seconds: Double) -> [String: Double] {
        let factor = total > 0 ? seconds / total : 0
        return Dictionary(uniqueKeysWithValues: zip(Self.parts, values.map { $0 * factor }))
    }
}
