/// The ways of finding first codewords that a config can name. The raw values are the names.
///
///     let initialization = FirstCodewords.plusPlus.initialization(variances: allocation.codewordVariances)
///     let settings = LloydTraining.Settings(codewords: 256, iterations: 8, initialization: initialization)
package enum FirstCodewords: String, Sendable, Codable, CaseIterable {
    /// Distinct training vectors, drawn uniformly.
    case samples
    /// Draws from independent Gaussians.
    case gaussian
    /// k-means++: training vectors far from those already drawn.
    case plusPlus = "k-means++"

    /// What `LloydTraining` is asked for.
    /// - Parameter variances: of `gaussian`, one for each dimension of the vectors that are quantized.
    package func initialization(variances: @autoclosure () -> [Double]) -> LloydTraining.Initialization {
        switch self {
        case .samples: .samples
        case .gaussian: .gaussian(variances: variances())
        case .plusPlus: .plusPlus
        }
    }
}
