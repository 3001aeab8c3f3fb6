import Numerics

/// From random words to values of the toy sources, eight items at a time.
enum ToyDraws {
    typealias Lanes = SIMD8<Float>
    typealias Four = (Lanes, Lanes, Lanes, Lanes)

    /// Two independent pairs from N(0, I) (Box and Muller 1958).
    @inline(__always)
    static func fourNormals(_ draws: EightDraws) -> Four {
        let first = normalPair(draws.first, draws.second)
        let second = normalPair(draws.third, draws.fourth)
        return (first.0, first.1, second.0, second.1)
    }

    /// Density exp(-|x|) / 2: a word's top bit is the sign, the others the magnitude.
    @inline(__always)
    static func fourLaplace(_ draws: EightDraws) -> Four {
        (laplace(draws.first), laplace(draws.second), laplace(draws.third), laplace(draws.fourth))
    }

    @inline(__always)
    private static func laplace(_ word: SIMD8<UInt32>) -> Lanes {
        let magnitude = -LaneFunctions.logarithm(LaneFunctions.unit(word &<< 1))
        return LaneFunctions.copyingSign(of: word, to: magnitude)
    }

    @inline(__always)
    static func normalPair(_ first: SIMD8<UInt32>, _ second: SIMD8<UInt32>) -> (Lanes, Lanes) {
        let radius = (LaneFunctions.logarithm(LaneFunctions.unit(first)) * -2).squareRoot()
        let (cosine, sine) = LaneFunctions.circle(second)
        return (radius * cosine, radius * sine)
    }

    @inline(__always)
    static func banana(_ draws: EightDraws) -> (Lanes, Lanes) {
        let (wide, narrow) = ToyShape.bananaDeviations
        let (cosine, sine) = ToyShape.bananaRotation
        let normals = normalPair(draws.first, draws.second)
        let first = normals.0 * Float(wide)
        let second = normals.1 * Float(narrow) + (1 - first * first * Float(ToyShape.bananaCurvature))
        let x = first * Float(cosine) - second * Float(sine)
        let y = first * Float(sine) + second * Float(cosine)
        return (y, x)
    }

    @inline(__always)
    static func boomerang(_ draws: EightDraws) -> (Lanes, Lanes) {
        let (first, rest) = normalPair(draws.first, draws.second)
        let correlated = first * Float(ToyShape.boomerangCorrelation) + rest * Float(ToyShape.boomerangRest)
        return (correlated + (1 - first * first), first)
    }

    @inline(__always)
    static func mixture(_ draws: EightDraws) -> (Lanes, Lanes) {
        let (long, short) = ToyShape.mixtureDeviations
        let normals = normalPair(draws.first, draws.second)
        let along = normals.0 * Float(long * ToyShape.diagonal)
        let across = normals.1 * Float(short * ToyShape.diagonal)
        // A word's top bit says which part: 1 is turned by 45 degrees at (1, 1), -1 by -45 at (-1, -1).
        let part = LaneFunctions.copyingSign(of: draws.third, to: Lanes(repeating: Float(ToyShape.mixtureOffset)))
        return (along - part * across + part, part * along + across + part)
    }

    /// Uniform on the ring of outer radius 1.
    @inline(__always)
    static func ring(_ draws: EightDraws, innerRadius: Float) -> (Lanes, Lanes) {
        let inner = innerRadius * innerRadius
        let radius = (LaneFunctions.unit(draws.first) * (1 - inner) + inner).squareRoot()
        let (cosine, sine) = LaneFunctions.circle(draws.second)
        return (radius * cosine, radius * sine)
    }
}
