/// The ways of quantizing that the study compares. The raw value is the name in configs, records and published curves.
///
///     ToyMethod.ntecvq.title                                  // "NT-ECVQ"
///     ToyMethod(rawValue: "ntc")                              // .ntc
///     ToyMethod.allCases.map(\.rawValue)
///
/// Source: NVTC paper, section 3.
package enum ToyMethod: String, Codable, CaseIterable, Sendable {
    /// Unconstrained vector quantization: K-means codebooks, the entropy of their indices as rate.
    case vq
    /// Entropy-constrained vector quantization.
    case ecvq
    /// Nonlinear transform coding: scalar quantization between learned transforms.
    case ntc
    /// Unconstrained vector quantization between learned transforms.
    case ntvq
    /// Entropy-constrained vector quantization between learned transforms.
    case ntecvq

    /// The name in text and legends.
    package var title: String {
        switch self {
        case .vq: "VQ"
        case .ecvq: "ECVQ"
        case .ntc: "NTC"
        case .ntvq: "NT-VQ"
        case .ntecvq: "NT-ECVQ"
        }
    }
}
