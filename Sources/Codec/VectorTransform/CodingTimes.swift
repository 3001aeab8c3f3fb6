/// Where the time of coding went, by the parts of the NVTC paper's Table 3, in seconds.
///
///     var times = CodingTimes()
///     times.measure(\.transform) { coding.run(layer.transform) }
///     times.shares(of: wall)["entropy model"]                 // seconds of the wall clock
public struct CodingTimes: Sendable, Equatable {
    /// Vector transform units, scaling, projections.
    public var transform = 0.0
    /// The conditional entropy model, and probabilities in integers.
    public var entropyModel = 0.0
    /// Search or lookup of codewords.
    public var quantization = 0.0
    /// rANS.
    public var entropyCoding = 0.0

    public var total: Double { transform + entropyModel + quantization + entropyCoding }

    mutating func measure<Result>(
        _ part: WritableKeyPath<CodingTimes, Double>, _ body: () throws -> Result
    ) rethrows -> Result {
        let start = ContinuousClock.now
        defer {
            let parts = (ContinuousClock.now - start).components
            self[keyPath: part] += Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
        }
        return try body()
    }

    static func += (sum: inout CodingTimes, more: CodingTimes) {
        sum.transform += more.transform
        sum.entropyModel += more.entropyModel
        sum.quantization += more.quantization
        sum.entropyCoding += more.entropyCoding
    }

    /// The wall clock's seconds, shared out as the threads' own times were.
    public func shares(of seconds: Double) -> [String: Double] {
        let factor = total > 0 ? seconds / total : 0
        return [
            "transform": transform * factor, "entropy model": entropyModel * factor,
            "quantization": quantization * factor, "entropy coding": entropyCoding * factor,
        ]
    }
}
