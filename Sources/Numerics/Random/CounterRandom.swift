#if canImport(Glibc)
    import Glibc
#endif

/// What random numbers are drawn for. Two purposes never share a number, whatever seed and step they use.
///
/// The raw value enters the counter, so it is part of every result: never renumber a purpose.
public enum RandomPurpose: UInt32, Sendable {
    /// Vectors of `VarianceDecayingGaussian` for training.
    case syntheticTrain = 1
    /// Vectors of `VarianceDecayingGaussian` for tests.
    case syntheticTest = 2
    /// Images of `DeadLeaves`.
    case deadLeaves = 3
    /// The permutation of `TrainTestSplit`.
    case split = 4
    /// Vectors that become first codewords.
    case initialCodewords = 5
    /// Draws of k-means++.
    case plusPlus = 6
    /// What replaces unused codewords.
    case revival = 7
    /// First codewords drawn from a Gaussian.
    case gaussianCodewords = 8
    /// Samples of the training vectors.
    case sampling = 9
    /// Vectors of `ToySamples` for training.
    case toySourceTrain = 10
    /// Vectors of `ToySamples` for tests.
    case toySourceTest = 11
    /// Uniform noise in place of rounding.
    case quantizationNoise = 12
    /// First weights of networks.
    case networkWeights = 13
    /// Shifts and turns of the lattices that a search for codebooks starts from.
    case codebookSearch = 14
    /// Crops of training images.
    case imageCrops = 15
    /// Noise added to copies that replace unused codewords.
    case revivalNoise = 16
    /// For tests only.
    case test = 1000
}

/// Random numbers addressed by (seed, purpose, step, item, draw): any of them can be drawn on any rank, in any order.
///
///     let random = CounterRandom(seed: 7, purpose: .syntheticTrain)
///     random.normals(item: 42, into: vectors.row(0))         // item 42 is the same vector on every rank
///     let u = random.uniform(item: 3, draw: 0)               // in [0, 1)
///
/// `item` is a global index below 2^40, `draw` an index within the item below 2^24; each draw of `words` gives four
/// 32-bit words.
public struct CounterRandom: Sendable {
    let key: SIMD2<UInt32>
    let purpose: UInt32
    let step: UInt32

    /// - Parameters:
    ///   - seed: the run's seed; all 64 bits count.
    ///   - purpose: what the numbers are for.
    ///   - step: tells numbers of one purpose apart, such as those of training steps; the lower 32 bits count.
    public init(seed: UInt64, purpose: RandomPurpose, step: Int = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.purpose = purpose.rawValue
        self.step = UInt32(truncatingIfNeeded: step)
    }

    /// The four random 32-bit words of one draw.
    @inlinable public func words(item: Int, draw: Int = 0) -> SIMD4<UInt32> {
        assert(item >= 0 && item < 1 << 40 && draw >= 0 && draw < 1 << 24)
        return Philox.block(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: item), UInt32(truncatingIfNeeded: item >> 32) << 24 | UInt32(draw),
                counterStep, counterPurpose),
            key: counterKey)
    }

    @usableFromInline var counterKey: SIMD2<UInt32> { key }
    @usableFromInline var counterStep: UInt32 { step }
    @usableFromInline var counterPurpose: UInt32 { purpose }

    /// A number in [0, 1) with 53 random bits.
    public func uniform(item: Int, draw: Int = 0) -> Double {
        Self.unit(words(item: item, draw: draw), 0)
    }

    /// An integer in 0..<bound. The bias of the multiplication method is below bound / 2^64.
    public func integer(below bound: Int, item: Int, draw: Int = 0) -> Int {
        precondition(bound > 0)
        let words = words(item: item, draw: draw)
        let wide = UInt64(words[0]) | UInt64(words[1]) << 32
        return Int(wide.multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Fills `destination` with independent draws from N(0, 1), two from each draw of words (Box and Muller 1958).
    public func normals(item: Int, into destination: UnsafeMutableBufferPointer<Float>) {
        var index = 0
        var draw = 0
        while index < destination.count {
            let block = words(item: item, draw: draw)
            let radius = (-2 * log(1 - Self.unit(block, 0))).squareRoot()
            let angle = 2 * Double.pi * Self.unit(block, 2)
            destination[index] = Float(radius * cos(angle))
            if index + 1 < destination.count { destination[index + 1] = Float(radius * sin(angle)) }
            index += 2
            draw += 1
        }
    }

    /// 0..<count in random order (Fisher and Yates 1938), the same on every rank.
    public func permutation(count: Int) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, integer(below: last + 1, item: last))
        }
        return order
    }

    private static func unit(_ words: SIMD4<UInt32>, _ first: Int) -> Double {
        let bits = UInt64(words[first]) | UInt64(words[first + 1]) << 32
        return Double(bits >> 11) * 0x1p-53
    }
}
