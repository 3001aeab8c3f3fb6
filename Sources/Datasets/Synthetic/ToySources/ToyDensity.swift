import Foundation

extension ToySource {
    /// The probability density at a point of the plane, exact.
    ///
    /// - Precondition: the source is two-dimensional.
    public func density(_ x: Double, _ y: Double) -> Double {
        precondition(dimension == 2, "only sources in the plane have a density of two arguments")
        switch name {
        case .normaliid: return normal(x) * normal(y)
        case .laplaceiid: return exp(-abs(x) - abs(y)) / 4
        case .sphere0, .sphere50, .sphere99:
            let inner = name.innerRadius
            let square = x * x + y * y
            return square <= 1 && square >= inner * inner ? 1 / (Double.pi * (1 - inner * inner)) : 0
        case .banana:
            // Back through the swap and the rotation; the shear by a function of u1 has a Jacobian of 1.
            let (cosine, sine) = ToyShape.bananaRotation
            let (first, second) = (cosine * y + sine * x, cosine * x - sine * y)
            let (wide, narrow) = ToyShape.bananaDeviations
            let straight = second - 1 + ToyShape.bananaCurvature * first * first
            return normal(first / wide) / wide * normal(straight / narrow) / narrow
        case .boomerang:
            let (first, second) = (y, x)
            let rest = ToyShape.boomerangRest
            let straight = second - 1 + first * first - ToyShape.boomerangCorrelation * first
            return normal(first) * normal(straight / rest) / rest
        case .mixnormal:
            let offset = ToyShape.mixtureOffset
            return (mixturePart(x + offset, y + offset, turned: -1) + mixturePart(x - offset, y - offset, turned: 1))
                / 2
        }
    }

    /// One part of the mixture, around its center, turned by 45 degrees (1) or -45 degrees (-1).
    private func mixturePart(_ x: Double, _ y: Double, turned: Double) -> Double {
        let (long, short) = ToyShape.mixtureDeviations
        let along = ToyShape.diagonal * (x + turned * y)
        let across = ToyShape.diagonal * (y - turned * x)
        return normal(along / long) / long * normal(across / short) / short
    }

    private func normal(_ value: Double) -> Double { exp(-value * value / 2) / (2 * Double.pi).squareRoot() }

    /// The least mean squared error per dimension that any code reaches at this rate, if a closed form is known:
    /// D(R) = 2^(-2R) for the Gaussian source of any dimension (Shannon 1959); nil for the others.
    ///
    /// - Parameter rate: bits per dimension.
    public func leastDistortion(rate: Double) -> Double? {
        name == .normaliid ? exp2(-2 * rate) : nil
    }
}
