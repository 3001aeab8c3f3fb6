import Numerics
import Stepping

/// Adam: gradient steps scaled by running means of the gradient and of its square.
///
///     let adam = Adam(parameters: parameters)
///     try adam.step(gradients, rate: 1e-3, team: team)        // the same bytes on every rank
///     adam.forget(range)                                      // state of parameters that start anew
///
/// Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, with its bias corrections.
public final class Adam {
    /// Decays and the floor of the denominator; the defaults are the paper's.
    public struct Settings: Sendable, Equatable {
        /// Decay of the mean of gradients, in 0 ..< 1.
        public var beta1 = 0.9
        /// Decay of the mean of squared gradients, in 0 ..< 1.
        public var beta2 = 0.999
        /// Added to the root of the mean of squared gradients.
        public var epsilon = 1e-8

        /// The paper's settings.
        public init() {}
    }

    /// As given.
    public let settings: Settings
    /// Steps taken.
    public private(set) var steps = 0
    private let parameters: ParameterSet
    private let means: AlignedBuffer<Float>
    private let squares: AlignedBuffer<Float>
    private let pieces: [Piece]

    /// A stretch of parameters with one learning rate, the work of a thread.
    private struct Piece {
        var range: Range<Int>
        var rateFactor: Float
        var isClipped: Bool
    }

    /// An optimizer that has taken no step; the parameters must be initialized.
    public init(parameters: ParameterSet, settings: Settings = Settings()) {
        self.parameters = parameters
        self.settings = settings
        means = AlignedBuffer(count: parameters.count)
        squares = AlignedBuffer(count: parameters.count)
        pieces = Self.cut(parameters)
    }

    private static func cut(_ parameters: ParameterSet) -> [Piece] {
        var pieces: [Piece] = []
        for parameter in parameters.parameters {
            let range = parameter.offset..<parameter.offset + parameter.extent
            if let last = pieces.last, last.rateFactor == parameter.rateFactor, last.isClipped == parameter.isClipped,
                last.range.count < 1 << 15
            {
                pieces[pieces.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                pieces.append(Piece(range: range, rateFactor: parameter.rateFactor, isClipped: parameter.isClipped))
            }
        }
        return pieces
    }

    /// One step against the gradient.
    /// - Parameters:
    ///   - gradients: `parameters.count` floats.
    ///   - rate: the learning rate, before each parameter's own factor.
    ///   - scale: multiplies the gradients of clipped parameters first, see `norm`.
    public func step(_ gradients: UnsafePointer<Float>, rate: Double, scale: Double = 1, team: Team) throws {
        steps += 1
        let correction1 = 1 - power(settings.beta1, steps)
        let correction2 = 1 - power(settings.beta2, steps)
        let factors = Factors(
            scale: Float(scale), decay1: Float(settings.beta1), decay2: Float(settings.beta2),
            rate: Float(rate / correction1), root: Float(1 / correction2.squareRoot()),
            epsilon: Float(settings.epsilon))
        let (values, means, squares) = (parameters.values.pointer, means.pointer, squares.pointer)
        try team.forEach(count: pieces.count) { index, _ in
            var own = factors
            own.rate *= pieces[index].rateFactor
            if !pieces[index].isClipped { own.scale = 1 }
            Self.advance(pieces[index].range, values, gradients, means, squares, own)
        }
    }

    /// The Euclidean norm of the gradients of clipped parameters.
    public func norm(_ gradients: UnsafePointer<Float>) -> Double {
        let clipped = pieces.filter(\.isClipped)
        return clipped.reduce(0.0) { $0 + sumOfSquares(gradients + $1.range.lowerBound, count: $1.range.count) }
            .squareRoot()
    }

    /// Sets the running means of some parameters back to zero.
    /// - Parameter range: offsets in the parameters' memory.
    public func forget(_ range: Range<Int>) {
        (means.pointer + range.lowerBound).update(repeating: 0, count: range.count)
        (squares.pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }

    /// The running means of gradients and of their squares, each as long as the parameters: what a checkpoint keeps.
    public var state: (means: AlignedBuffer<Float>, squares: AlignedBuffer<Float>) { (means, squares) }

    /// Continues after so many steps with the state that was put into `state`.
    public func resume(steps: Int) { self.steps = steps }

    private struct Factors {
        var scale: Float
        var decay1: Float
        var decay2: Float
        var rate: Float
        var root: Float
        var epsilon: Float
    }

    /// Four streams of memory, one pass.
    private static func advance(
        _ range: Range<Int>, _ values: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        _ means: UnsafeMutablePointer<Float>, _ squares: UnsafeMutablePointer<Float>, _ factors: Factors
    ) {
        let scale = Lanes(repeating: factors.scale)
        let (keep1, take1) = (Lanes(repeating: factors.decay1), Lanes(repeating: 1 - factors.decay1))
        let (keep2, take2) = (Lanes(repeating: factors.decay2), Lanes(repeating: 1 - factors.decay2))
        let (rate, root) = (Lanes(repeating: factors.rate), Lanes(repeating: factors.root))
        let epsilon = Lanes(repeating: factors.epsilon)
        // Parameters are padded to whole cache lines, so there is no remainder.
        for index in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
            let gradient = load(gradients + index) * scale
            let mean = load(means + index) * keep1 + gradient * take1
            let square = load(squares + index) * keep2 + gradient * gradient * take2
            store(mean, to: means + index)
            store(square, to: squares + index)
            let step = rate * mean / (square.squareRoot() * root + epsilon)
            store(load(values + index) - step, to: values + index)
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
