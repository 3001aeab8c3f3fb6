#if canImport(Glibc)
    import Glibc
#endif

/// The optimal allocation of a rate to independent Gaussian dimensions: which get bits at all, and how much distortion
/// each keeps.
///
///     let allocation = ReverseWaterFilling(variances: sourceVariances, rate: 8)           // log2 of 256 codewords
///     let active = allocation.active                          // dimensions whose variance exceeds the water level
///     let variances = allocation.codewordVariances            // sigma_C^2 of each of them
///
/// Source: RRQ paper, Eq. 1 and 2, and section III.B, which asks for the water level gamma* whose total rate
/// sum_j 1/2 log2+(sigma_j^2 / gamma) is log2 K. That sum falls monotonically with gamma, so gamma* is found in closed form
/// once the variances are sorted: with m active dimensions, log gamma = mean(log sigma^2) - 2 rate ln 2 / m.
public struct ReverseWaterFilling: Sendable {
    /// gamma*, in the units of the variances; 0 when no variance is positive.
    public let waterLevel: Double
    /// The active set A: dimensions with sigma_j^2 > gamma*, ascending.
    public let active: [Int]
    /// sigma_Cj^2 = sigma_j^2 - gamma* of the active dimensions, in the order of `active` (Eq. 2).
    public let codewordVariances: [Double]
    /// 1/2 log2(sigma_j^2 / gamma*) of the active dimensions, in bits, in the order of `active`.
    public let rates: [Double]
    /// sum_j D_j, the distortion that the allocation leaves (Eq. 1), in the units of the variances.
    public let distortion: Double

    /// Finds the water level.
    /// - Parameters:
    ///   - variances: sigma_j^2 of every dimension; finite, not negative.
    ///   - rate: bits for the whole vector, at least 0.
    public init(variances: [Double], rate: Double) {
        precondition(rate >= 0)
        let order = variances.indices.filter { variances[$0] > 0 }.sorted {
            variances[$0] != variances[$1] ? variances[$0] > variances[$1] : $0 < $1
        }
        var level = 0.0
        var logSum = 0.0
        for (index, dimension) in order.enumerated() {
            logSum += log(variances[dimension])
            let size = Double(index + 1)
            level = exp((logSum - 2 * rate * log(2)) / size)
            // The next dimension belongs in the active set exactly when it lies above this level.
            guard index + 1 < order.count, variances[order[index + 1]] > level else { break }
        }
        let waterLevel = level
        self.waterLevel = waterLevel
        let active = variances.indices.filter { variances[$0] > waterLevel }
        self.active = active
        codewordVariances = active.map { variances[$0] - waterLevel }
        rates = active.map { 0.5 * log2(variances[$0] / waterLevel) }
        distortion = variances.reduce(0) { $0 + min($1, waterLevel) }
    }
}
