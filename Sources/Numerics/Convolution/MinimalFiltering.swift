/// Winograd's minimal filtering F(4, 3): four outputs of a three-tap filter from six products instead of twelve.
///
///     let v = MinimalFiltering.input(d[0], d[1], d[2], d[3], d[4], d[5])      // B^T d
///     let u = MinimalFiltering.weights(g[0], g[1], g[2])                      // G g
///     let y = MinimalFiltering.output(v.0 * u.0, v.1 * u.1, v.2 * u.2, v.3 * u.3, v.4 * u.4, v.5 * u.5)
///     // y.0 = d[0] g[0] + d[1] g[1] + d[2] g[2], ...
///     // nested over rows and columns: 36 products for 4 x 4 outputs of a 3 x 3 filter instead of 144
///
/// The polynomials are evaluated at 0, +-1/sqrt 2, +-sqrt 2 and infinity. The usual 0, +-1, +-2 takes as many operations
/// and loses two binary digits more: at 192 channels its largest error is 3 to 6 times as large.
///
/// Source: Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms for convolutional
/// neural networks", 2016 (their matrices B^T, G, A^T, rederived for these points).
enum MinimalFiltering {
    typealias Three = (Lanes, Lanes, Lanes)
    typealias Four = (Lanes, Lanes, Lanes, Lanes)
    typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

    /// Inputs and outputs along a side of a tile.
    static let inputs = 6
    static let outputs = 4
    /// Products of a tile.
    static let products = 36

    private static let low: Float = 0.707_106_78  // 1 / sqrt 2
    private static let high: Float = 1.414_213_56  // sqrt 2

    @inline(__always) private static func scaled(_ factor: Float, _ a: Lanes, plus b: Lanes) -> Lanes {
        multiplyAdd(a, Lanes(repeating: factor), plus: b)
    }

    /// B^T d: six inputs at the points.
    @inline(__always)
    static func input(_ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes, _ d5: Lanes) -> Six {
        let (evenLow, oddLow) = (scaled(-2, d2, plus: d4), scaled(-2, d1, plus: d3))
        let (evenHigh, oddHigh) = (scaled(-0.5, d2, plus: d4), scaled(-0.5, d1, plus: d3))
        return (
            scaled(-2.5, d2, plus: d0 + d4),
            scaled(low, oddLow, plus: evenLow), scaled(-low, oddLow, plus: evenLow),
            scaled(high, oddHigh, plus: evenHigh), scaled(-high, oddHigh, plus: evenHigh),
            scaled(-2.5, d3, plus: d1 + d5)
        )
    }

    /// B v: the gradient of the inputs from that of the points.
    @inline(__always)
    static func inputGradient(_ v0: Lanes, _ v1: Lanes, _ v2: Lanes, _ v3: Lanes, _ v4: Lanes, _ v5: Lanes) -> Six {
        let (evenLow, oddLow) = (v1 + v2, (v1 - v2) * Lanes(repeating: low))
        let (evenHigh, oddHigh) = (v3 + v4, (v3 - v4) * Lanes(repeating: high))
        return (
            v0,
            scaled(-2, oddLow, plus: scaled(-0.5, oddHigh, plus: v5)),
            scaled(-2.5, v0, plus: scaled(-2, evenLow, plus: evenHigh * Lanes(repeating: -0.5))),
            scaled(-2.5, v5, plus: oddLow + oddHigh),
            v0 + evenLow + evenHigh,
            v5
        )
    }

    /// A^T m: four outputs from the products.
    @inline(__always)
    static func output(_ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes) -> Four {
        let (evenLow, oddLow) = (m1 + m2, (m1 - m2) * Lanes(repeating: low))
        let (evenHigh, oddHigh) = (m3 + m4, (m3 - m4) * Lanes(repeating: high))
        return (
            m0 + evenLow + evenHigh,
            oddLow + oddHigh,
            scaled(0.5, evenLow, plus: evenHigh + evenHigh),
            scaled(0.5, oddLow, plus: scaled(2, oddHigh, plus: m5))
        )
    }

    /// A g: the gradient of the products from that of four outputs.
    @inline(__always)
    static func outputGradient(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ g3: Lanes) -> Six {
        let (evenLow, oddLow) = (scaled(0.5, g2, plus: g0), scaled(0.5, g3, plus: g1))
        let (evenHigh, oddHigh) = (scaled(2, g2, plus: g0), scaled(2, g3, plus: g1))
        return (
            g0,
            scaled(low, oddLow, plus: evenLow), scaled(-low, oddLow, plus: evenLow),
            scaled(high, oddHigh, plus: evenHigh), scaled(-high, oddHigh, plus: evenHigh),
            g3
        )
    }

    /// G w: three taps at the points.
    @inline(__always)
    static func weights(_ w0: Lanes, _ w1: Lanes, _ w2: Lanes) -> Six {
        let evenLow = scaled(0.5, w2, plus: w0) * Lanes(repeating: -2 / 3)
        let evenHigh = scaled(2, w2, plus: w0) * Lanes(repeating: 1 / 6)
        let (oddLow, oddHigh) = (w1 * Lanes(repeating: -2 / 3 * low), w1 * Lanes(repeating: high / 6))
        return (w0, evenLow + oddLow, evenLow - oddLow, evenHigh + oddHigh, evenHigh - oddHigh, w2)
    }

    /// G^T u: the gradient of the taps from that of the points.
    @inline(__always)
    static func weightGradient(_ u0: Lanes, _ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes, _ u5: Lanes) -> Three {
        let evenLow = (u1 + u2) * Lanes(repeating: -2 / 3)
        let evenHigh = (u3 + u4) * Lanes(repeating: 1 / 6)
        let oddHigh = (u3 - u4) * Lanes(repeating: high / 6)
        return (
            u0 + evenLow + evenHigh,
            scaled(-2 / 3 * low, u1 - u2, plus: oddHigh),
            scaled(0.5, evenLow, plus: scaled(2, evenHigh, plus: u5))
        )
    }
}
