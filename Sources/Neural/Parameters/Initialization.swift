import Numerics

/// What a parameter's values start as.
///
///     let weights = Initialization.uniform(1 / Float(192).squareRoot())   // of a linear layer of 192 inputs
///     let biases = Initialization.constant(0)
public enum Initialization: Sendable {
    /// All alike.
    case constant(Float)
    /// Uniform in -bound...bound.
    case uniform(Float)
    /// Gaussian with this standard deviation.
    case normal(Float)
    /// Exactly these, as many as the parameter has.
    case values([Float])

    func fill(_ destination: UnsafeMutableBufferPointer<Float>, random: CounterRandom) {
        switch self {
        case .constant(let value): destination.update(repeating: value)
        case .uniform(let bound):
            for item in destination.indices {
                destination[item] = bound * Float(2 * random.uniform(item: item) - 1)
            }
        case .normal(let deviation):
            random.normals(item: 0, into: destination)
            for item in destination.indices { destination[item] *= deviation }
        case .values(let values):
            precondition(values.count == destination.count)
            _ = destination.update(fromContentsOf: values)
        }
    }
}
