import Numerics

/// From the four random words of a draw to values of the toy sources. Loops over these become vector instructions.
enum ToyDraws {
    /// Two independent pairs from N(0, I) (Box and Muller 1958).
    @inline(__always)
    static func fourNormals(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> (Float, Float, Float, Float) {
        let (first, second) = (normalPair(a, b), normalPair(c, d))
        return (first.0, first.1, second.0, second.1)
    }

    /// Density exp(-|x|) / 2: a word's top bit is the sign, the others the magnitude.
    @inline(__always)
    static func fourLaplace(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> (Float, Float, Float, Float) {
        (laplace(a), laplace(b), laplace(c), laplace(d))
    }

    @inline(__always)
    private static func laplace(_ word: UInt32) -> Float {
        let magnitude = -ElementaryFunctions.logarithm(ElementaryFunctions.unit(word << 1))
        return ElementaryFunctions.copyingSign(of: word, to: magnitude)
    }

    @inline(__always)
    static func normalPair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
        let radius = ElementaryFunctions.squareRoot(
            ElementaryFunctions.logarithm(ElementaryFunctions.unit(first)) * -2)
        let (cosine, sine) = ElementaryFunctions.circle(second)
        return (radius * cosine, radius * sine)
    }

    @inline(__always)
    static func banana(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> (Float, Float) {
        let normals = normalPair(a, b)
        let first = normals.0 * 3
        let second = normals.1 * 0.5 + (1 - first * first * 0.1)
        // Turned by -240 degrees, coordinates swapped.
        let (cosine, sine) = (-0.5 as Float, 0.866_025_4 as Float)
        return (first * sine + second * cosine, first * cosine - second * sine)
    }

    @inline(__always)
    static func boomerang(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> (Float, Float) {
        let (first, rest) = normalPair(a, b)
        // sqrt(1 - 0.9^2) = 0.4358899.
        return (first * 0.9 + rest * 0.435_889_9 + (1 - first * first), first)
    }

    @inline(__always)
    static func mixture(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> (Float, Float) {
        let normals = normalPair(a, b)
        // 1.2 and 0.3 times sqrt(1/2).
        let (along, across) = (normals.0 * 0.848_528_14, normals.1 * 0.212_132_03)
        // A word's top bit says which part: 1 is turned by 45 degrees at (1, 1), -1 by -45 at (-1, -1).
        let part = ElementaryFunctions.copyingSign(of: c, to: 1)
        return (along - part * across + part, part * along + across + part)
    }

    /// Uniform on the ring of outer radius 1.
    @inline(__always)
    static func ring(_ a: UInt32, _ b: UInt32, innerRadius: Float) -> (Float, Float) {
        let inner = innerRadius * innerRadius
        let radius = ElementaryFunctions.squareRoot(ElementaryFunctions.unit(a) * (1 - inner) + inner)
        let (cosine, sine) = ElementaryFunctions.circle(b)
        return (radius * cosine, radius * sine)
    }
}
