import Numerics

/// Vectors of a toy source, each drawn by its number: data of any size without storage.
///
///     let samples = ToySamples(source, seed: 1, set: .test)
///     samples.fill(items: 4096..<8192, into: vectors.pointer)  // 4096 rows of `source.dimension` floats
///
/// What is drawn depends on (seed, set, step, item) alone, never on the range that an item is asked for in.
public struct ToySamples: Sendable {
    /// Training and test vectors never share a random number.
    public enum Set: Sendable {
        /// Vectors for training.
        case train
        /// Vectors for tests.
        case test
    }

    /// The source.
    public let source: ToySource
    private let random: CounterRandom

    /// - Parameters:
    ///   - seed: the seed of the random numbers.
    ///   - set: training or test vectors.
    ///   - step: tells several sets of samples under one seed apart.
    public init(_ source: ToySource, seed: UInt64, set: Set, step: Int = 0) {
        self.source = source
        random = CounterRandom(
            seed: seed, purpose: set == .train ? .toySourceTrain : .toySourceTest, step: step)
    }

    /// Components of a vector.
    public var dimension: Int { source.dimension }

    /// Items that are drawn together: their words stay in the first cache.
    private static let block = 256

    /// Draws the vectors with the given numbers (below 2^40), one after another.
    ///
    /// The random generator takes most of the time: about 5 ns for a vector of two components.
    /// - Parameter destination: room for `items.count * dimension` floats.
    public func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
        precondition(items.lowerBound >= 0 && items.upperBound < 1 << 40 - Self.block)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4 * Self.block) { memory in
            let words = memory.baseAddress!
            switch source.name {
            case .normaliid: fillIndependent(items, destination, words, ToyDraws.fourNormals)
            case .laplaceiid: fillIndependent(items, destination, words, ToyDraws.fourLaplace)
            case .banana: fillPlane(items, destination, words, ToyDraws.banana)
            case .boomerang: fillPlane(items, destination, words, ToyDraws.boomerang)
            case .mixnormal: fillPlane(items, destination, words, ToyDraws.mixture)
            case .sphere0, .sphere50, .sphere99:
                let inner = Float(source.name.innerRadius)
                fillPlane(items, destination, words) { a, b, _ in ToyDraws.ring(a, b, innerRadius: inner) }
            }
        }
    }

    /// The words of one draw of `count` items: first words, second words, third words, fourth words.
    @inline(__always)
    private func draw(_ number: Int, of items: Int, count: Int, into words: UnsafeMutablePointer<UInt32>) {
        var item = 0
        while item < count {
            let draws = random.eightWords(firstItem: items + item, draw: number)
            let target = UnsafeMutableRawPointer(words + item)
            target.storeBytes(of: draws.first, as: SIMD8<UInt32>.self)
            target.storeBytes(of: draws.second, toByteOffset: 4 * Self.block, as: SIMD8<UInt32>.self)
            target.storeBytes(of: draws.third, toByteOffset: 8 * Self.block, as: SIMD8<UInt32>.self)
            target.storeBytes(of: draws.fourth, toByteOffset: 12 * Self.block, as: SIMD8<UInt32>.self)
            item += 8
        }
    }

    /// Pairs from one draw each.
    @inline(__always)
    private func fillPlane(
        _ items: Range<Int>, _ destination: UnsafeMutablePointer<Float>, _ words: UnsafeMutablePointer<UInt32>,
        _ pair: (UInt32, UInt32, UInt32) -> (Float, Float)
    ) {
        var item = items.lowerBound
        var output = destination
        while item < items.upperBound {
            let here = min(Self.block, items.upperBound - item)
            draw(0, of: item, count: here, into: words)
            for index in 0..<here {
                let (x, y) = pair(words[index], words[index &+ Self.block], words[index &+ 2 &* Self.block])
                output[2 &* index] = x
                output[2 &* index &+ 1] = y
            }
            item += here
            output += 2 * here
        }
    }

    /// Independent components, four from a draw.
    @inline(__always)
    private func fillIndependent(
        _ items: Range<Int>, _ destination: UnsafeMutablePointer<Float>, _ words: UnsafeMutablePointer<UInt32>,
        _ four: (UInt32, UInt32, UInt32, UInt32) -> (Float, Float, Float, Float)
    ) {
        let dimension = source.dimension
        var item = items.lowerBound
        var output = destination
        while item < items.upperBound {
            let here = min(Self.block, items.upperBound - item)
            var component = 0
            while component < dimension {
                draw(component / 4, of: item, count: here, into: words)
                // In place: words become values.
                for index in 0..<here {
                    let values = four(
                        words[index], words[index &+ Self.block], words[index &+ 2 &* Self.block],
                        words[index &+ 3 &* Self.block])
                    words[index] = values.0.bitPattern
                    words[index &+ Self.block] = values.1.bitPattern
                    words[index &+ 2 &* Self.block] = values.2.bitPattern
                    words[index &+ 3 &* Self.block] = values.3.bitPattern
                }
                for value in 0..<min(4, dimension - component) {
                    let (from, to) = (words + value * Self.block, output + component + value)
                    for index in 0..<here { to[index &* dimension] = Float(bitPattern: from[index]) }
                }
                component += 4
            }
            item += here
            output += here * dimension
        }
    }
}
