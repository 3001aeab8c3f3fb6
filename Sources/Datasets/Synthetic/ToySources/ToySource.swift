import Foundation

/// The sources on which vector quantizers are compared with transform coding: eight in two dimensions, two of them also
/// in more.
///
///     let source = try ToySource("boomerang", dimension: 2)
///     let samples = ToySamples(source, seed: 1, set: .train)
///     samples.fill(items: 0..<1000, into: vectors.pointer)    // 1000 x 2; the same numbers on every rank
///     source.density(0.5, -1)                                 // exact, for pictures
///
/// Source: NVTC paper, section 3; banana is that of Ballé et al., "Nonlinear transform coding", 2021. The parameters
/// beside each case below are the authors'.
public struct ToySource: Sendable, Hashable, CustomStringConvertible {
    /// The sources' names, as published curves have them.
    public enum Name: String, Sendable, CaseIterable {
        /// u ~ N(0, diag(9, 1/4)), then u2 += 1 - u1^2 / 10, rotated by -240 degrees, coordinates swapped.
        case banana
        /// u ~ N(0, [[1, .9], [.9, 1]]), then u2 += 1 - u1^2, coordinates swapped.
        case boomerang
        /// Independent components of density exp(-|x|) / 2, in any dimension.
        case laplaceiid
        /// Two Gaussians N(0, diag(1.44, 0.09)), one rotated by -45 degrees at (-1, -1), one by 45 at (1, 1), in equal
        /// parts.
        case mixnormal
        /// N(0, I) in any dimension.
        case normaliid
        /// Uniform on the disc of radius 1.
        case sphere0
        /// Uniform on the ring between the radii 0.5 and 1.
        case sphere50
        /// Uniform on the ring between the radii 0.99 and 1.
        case sphere99
    }

    /// The most components of a vector of those sources that have any dimension.
    public static let largestDimension = 1024

    /// The source's name.
    public let name: Name
    /// Components of a vector.
    public let dimension: Int

    /// - Throws: `LloydError` for a name that no source has, with those that exist, or a dimension that the source does
    ///   not have, with those it has.
    public init(_ name: String, dimension: Int) throws {
        guard let known = Name(rawValue: name) else {
            throw LloydError(
                path: "toy source “\(name)”", problem: "does not exist",
                remedy: "use one of \(Name.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try self.init(known, dimension: dimension)
    }

    /// - Throws: `LloydError` for a dimension that the source does not have, with those it has.
    public init(_ name: Name, dimension: Int = 2) throws {
        guard name.dimensions.contains(dimension) else {
            let possible = name.dimensions.count == 1 ? "2" : "1 to \(Self.largestDimension)"
            throw LloydError(
                path: "toy source “\(name.rawValue)”", problem: "has no \(dimension)-dimensional form",
                remedy: "use the dimension \(possible)"
                    + (name.dimensions.count == 1 ? ", or normaliid or laplaceiid, which have any" : ""))
        }
        self.name = name
        self.dimension = dimension
    }

    /// The name under which curves of this source are published: "banana_2d".
    public var description: String { "\(name.rawValue)_\(dimension)d" }
}

extension ToySource.Name {
    /// The dimensions that the source can have.
    public var dimensions: ClosedRange<Int> {
        switch self {
        case .normaliid, .laplaceiid: 1...ToySource.largestDimension
        default: 2...2
        }
    }

    /// The inner radius of a ring of outer radius 1; 0 for a disc, and for sources that are not rings.
    var innerRadius: Double {
        switch self {
        case .sphere50: 0.5
        case .sphere99: 0.99
        default: 0
        }
    }
}

/// The constants of the planar sources in their densities; `ToyDraws` has them as numbers.
enum ToyShape {
    /// Banana: standard deviations of u, curvature, and cosine and sine of -240 degrees.
    static var bananaDeviations: (Double, Double) { (3, 0.5) }
    static var bananaCurvature: Double { 0.1 }
    static var bananaRotation: (cosine: Double, sine: Double) { (-0.5, 0.75.squareRoot()) }
    /// Boomerang: correlation of u, and what is left of u2's deviation when u1 is known.
    static var boomerangCorrelation: Double { 0.9 }
    static var boomerangRest: Double { 0.19.squareRoot() }
    /// Mixture: standard deviations along the axes of each part, and the distance of their centers from both axes.
    static var mixtureDeviations: (Double, Double) { (1.2, 0.3) }
    static var mixtureOffset: Double { 1 }
    static var diagonal: Double { 0.5.squareRoot() }
}
