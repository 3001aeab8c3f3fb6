import Numerics

/// Vectors of a toy source, each drawn by its number: data of any size that cost no storage.
///
///     let samples = ToySamples(source, seed: 1, set: .test)
///     samples.fill(items: 4096..<8192, into: vectors.pointer)  // 4096 rows of `source.dimension` floats
///
/// What is drawn depends on (seed, set, step, item) alone, never on the range that an item is asked for in. Eight items
/// are drawn at a time; logarithm and sine are polynomials without fused operations, the same bits on every machine.
public struct ToySamples: Sendable {
    /// Training and test vectors never share a random number.
    public enum Set: Sendable { case train, test }

    public let source: ToySource
    private let random: CounterRandom

    /// - Parameter step: distinguishes several sets of samples under one seed.
    public init(_ source: ToySource, seed: UInt64, set: Set, step: Int = 0) {
        self.source = source
        random = CounterRandom(
            seed: seed, purpose: set == .train ? .toySourceTrain : .toySourceTest, step: step)
    }

    public var dimension: Int { source.dimension }

    /// Draws the vectors with the given numbers (below 2^40), one after another.
    ///
    /// The floor is the random generator: about 5 ns for a vector of two components.
    public func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
        precondition(items.lowerBound >= 0 && items.upperBound < 1 << 40 - 8)
        switch source.name {
        case .normaliid: fillIndependent(items, destination, ToyDraws.fourNormals)
        case .laplaceiid: fillIndependent(items, destination, ToyDraws.fourLaplace)
        case .banana: fillPlane(items, destination, ToyDraws.banana)
        case .boomerang: fillPlane(items, destination, ToyDraws.boomerang)
        case .mixnormal: fillPlane(items, destination, ToyDraws.mixture)
        case .sphere0, .sphere50, .sphere99:
            let inner = Float(source.name.innerRadius!)
            fillPlane(items, destination) { ToyDraws.ring($0, innerRadius: inner) }
        }
    }

    /// Pairs from one draw each.
    @inline(__always)
    private func fillPlane(
        _ items: Range<Int>, _ destination: UnsafeMutablePointer<Float>,
        _ pair: (EightDraws) -> (SIMD8<Float>, SIMD8<Float>)
    ) {
        var item = items.lowerBound
        var output = destination
        while item < items.upperBound {
            let (x, y) = pair(random.eightWords(firstItem: item))
            let here = min(8, items.upperBound - item)
            if here == 8 {
                let low = SIMD8<Float>(x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3])
                let high = SIMD8<Float>(x[4], y[4], x[5], y[5], x[6], y[6], x[7], y[7])
                UnsafeMutableRawPointer(output).storeBytes(of: low, as: SIMD8<Float>.self)
                UnsafeMutableRawPointer(output + 8).storeBytes(of: high, as: SIMD8<Float>.self)
            } else {
                for lane in 0..<here { (output[2 * lane], output[2 * lane + 1]) = (x[lane], y[lane]) }
            }
            item += here
            output += 2 * here
        }
    }

    /// Independent components, four from a draw.
    @inline(__always)
    private func fillIndependent(
        _ items: Range<Int>, _ destination: UnsafeMutablePointer<Float>, _ four: (EightDraws) -> ToyDraws.Four
    ) {
        let dimension = source.dimension
        var item = items.lowerBound
        var output = destination
        while item < items.upperBound {
            let here = min(8, items.upperBound - item)
            var component = 0
            while component < dimension {
                let values = four(random.eightWords(firstItem: item, draw: component / 4))
                let wanted = min(4, dimension - component)
                for lane in 0..<here {
                    let row = output + lane * dimension + component
                    row[0] = values.0[lane]
                    if wanted > 1 { row[1] = values.1[lane] }
                    if wanted > 2 { row[2] = values.2[lane] }
                    if wanted > 3 { row[3] = values.3[lane] }
                }
                component += 4
            }
            item += here
            output += here * dimension
        }
    }
}
