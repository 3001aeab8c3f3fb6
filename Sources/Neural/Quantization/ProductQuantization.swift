import Foundation
import Numerics

/// A product quantizer: the pixels of a block are vectors, and each position in the block has a codebook of its own.
///
///     let quantizer = ProductQuantization(
///         positions: 16, codewords: 128, dimension: 4, name: "quantizer.0.0", in: parameters)
///     let operation = quantizer(residuals, conditionalLogits: logits, terms: terms, on: tape)
///     operation.rateWeight = 1 / lambda                       // what a bit counts for in squared distance
///     let quantized = operation.result                        // rows x dimension, codewords
///
/// Row r of the input lies at position r mod positions: the order of a `PixelGrid` with blocks. Its codeword minimizes
/// ||r - c||^2 + rateWeight bits, where bits = -log2 softmax(logits) at that codeword, at most `mostBits`: the
/// conditional logits are the row's own; without them, the position's logits count. The gradient of the result passes
/// straight through to the input; codebooks learn from the distance term, logits from the bits.
///
/// Source: NVTC paper, Eqs. 1, 2 and 4; the one-sided floor of log probabilities follows its authors.
public struct ProductQuantization: Sendable {
    /// Positions in a block, each with a codebook.
    public let positions: Int
    /// Codewords of each position.
    public let codewords: Int
    /// The length of a codeword.
    public let dimension: Int
    /// Positions x codewords x dimension.
    public let codebook: Parameter
    /// Positions x codewords: unconditional logits.
    public let logits: Parameter
    /// -log2 of the smallest probability that counts, 1e-9.
    public static let mostBits = Float(-log2(1e-9))

    /// Adds the parameters `NAME.codebook` and `NAME.logits`.
    /// - Parameter deviation: standard deviation of the codewords at the start.
    public init(
        positions: Int, codewords: Int, dimension: Int, deviation: Float = 1, name: String, in parameters: ParameterSet
    ) {
        self.positions = positions
        self.codewords = codewords
        self.dimension = dimension
        codebook = parameters.add(
            name + ".codebook", shape: [positions, codewords, dimension], initialization: .normal(deviation))
        logits = parameters.add(name + ".logits", shape: [positions, codewords], initialization: .constant(0))
    }

    /// What one use of the quantizer adds to the objective, each a sum over its vectors.
    public struct Terms {
        /// Bits under the unconditional logits.
        public var unconditional: Term
        /// Bits under the conditional logits; 0 without them.
        public var conditional: Term
        /// Squared distances, whose gradient goes to both sides.
        public var distance: Term

        /// Three terms of one tape.
        public init(unconditional: Term, conditional: Term, distance: Term) {
            self.unconditional = unconditional
            self.conditional = conditional
            self.distance = distance
        }
    }

    /// Records the quantizer on a tape.
    /// - Parameters:
    ///   - y: rows x dimension; rows are a multiple of `positions`.
    ///   - conditionalLogits: rows x codewords, or nil.
    public func callAsFunction(
        _ y: Value, conditionalLogits: Value? = nil, terms: Terms, on tape: Tape
    ) -> ProductQuantizationOperation {
        let operation = ProductQuantizationOperation(self, y, conditionalLogits, terms, on: tape)
        tape.record(operation)
        return operation
    }
}

/// One use of a `ProductQuantization` on a tape.
public final class ProductQuantizationOperation: Operation {
    /// What a bit counts for in squared distance when a codeword is chosen; 0 chooses the nearest.
    public var rateWeight: Float = 0
    /// Rows x dimension: each row's codeword.
    public let result: Value
    /// The codeword of each row; valid after `forward`.
    public let indices: AlignedBuffer<Int32>
    /// What this use adds to the objective.
    public let terms: ProductQuantization.Terms
    /// What is used.
    public let quantizer: ProductQuantization
    private let y: Value
    private let conditional: Value?
    /// ln of the sum of exponentials of each row's conditional logits.
    private let normalizers: AlignedBuffer<Float>
    /// Of one position: a row of codeword components for each dimension, and the bits of each codeword.
    private let columns: AlignedBuffer<Float>
    private let lengths: AlignedBuffer<Float>
    /// ln of the sum of exponentials of each position's logits.
    private let positionNormalizers: AlignedBuffer<Float>
    private let padded: Int

    init(
        _ quantizer: ProductQuantization, _ y: Value, _ conditional: Value?, _ terms: ProductQuantization.Terms,
        on tape: Tape
    ) {
        precondition(y.columns == quantizer.dimension && y.rows % quantizer.positions == 0)
        precondition(conditional.map { $0.rows == y.rows && $0.columns == quantizer.codewords } ?? true)
        self.quantizer = quantizer
        self.y = y
        self.conditional = conditional
        self.terms = terms
        let lanes = Lanes.scalarCount
        padded = (quantizer.codewords + lanes - 1) / lanes * lanes
        columns = AlignedBuffer(count: padded * quantizer.dimension)
        lengths = AlignedBuffer(count: padded)
        positionNormalizers = AlignedBuffer(count: quantizer.positions)
        normalizers = AlignedBuffer(count: conditional == nil ? 0 : y.rows)
        indices = AlignedBuffer(count: y.rows)
        result = tape.output(rows: y.rows, columns: y.columns, of: [y], parameters: [quantizer.codebook])
    }

    public var inputs: [Value] { [y] + (conditional.map { [$0] } ?? []) }
    public var output: Value? { result }
    public var passedInput: Value? { y }
    public var work: OperationWork {
        OperationWork(forward: 2 * Double(y.rows) * Double(quantizer.codewords * quantizer.dimension))
    }
    public var parameters: [Parameter] { [quantizer.codebook, quantizer.logits] }

    public func forward() {
        let (count, dimension, positions) = (quantizer.codewords, quantizer.dimension, quantizer.positions)
        var (unconditional, conditionalBits, distances) = (0.0, 0.0, 0.0)
        for position in 0..<positions {
            prepare(position)
            let codebook = quantizer.codebook.values + position &* count &* dimension
            for row in stride(from: position, to: y.rows, by: positions) {
                let vector = y.data + row &* dimension
                let index: Int
                if let conditional {
                    let logits = conditional.data + row &* count
                    let normalizer = logOfSumOfExponentials(logits, count: count)
                    normalizers[row] = normalizer
                    index = best(for: vector, logits: logits, normalizer: normalizer)
                    conditionalBits += Double(Self.bits(logits[index], normalizer))
                } else {
                    index = best(for: vector)
                }
                indices[row] = Int32(index)
                let codeword = codebook + index &* dimension
                let quantized = result.data + row &* dimension
                var squared: Float = 0
                for component in 0..<dimension {
                    let difference = vector[component] - codeword[component]
                    squared += difference * difference
                    quantized[component] = codeword[component]
                }
                unconditional += Double(lengths.pointer[index])
                distances += Double(squared)
            }
        }
        terms.unconditional.value = unconditional
        terms.conditional.value = conditionalBits
        terms.distance.value = distances
    }

    public func backward(_ pass: borrowing BackwardPass) {
        if let conditional, conditional.needsGradient { conditionalBackward(pass.target(of: conditional), conditional) }
        logitsBackward(pass.target(of: quantizer.logits))
        pass.passGradient(of: result, to: y)
        let (count, dimension, positions) = (quantizer.codewords, quantizer.dimension, quantizer.positions)
        let factor = Float(2 * terms.distance.weight)
        let target = pass.target(of: quantizer.codebook)
        if !target.accumulate { target.pointer.update(repeating: 0, count: quantizer.codebook.count) }
        for row in 0..<y.rows {
            let offset = (row % positions &* count &+ Int(indices[row])) &* dimension
            let (codeword, gradient) = (quantizer.codebook.values + offset, target.pointer + offset)
            let vector = y.data + row &* dimension
            let passed = y.gradient + row &* dimension
            for component in 0..<dimension {
                let step = factor * (vector[component] - codeword[component])
                gradient[component] -= step
                if y.needsGradient { passed[component] += step }
            }
        }
    }

    /// d bits / d logits = (softmax - one-hot) / ln 2 for every row; the floor never holds back a rare codeword.
    private func conditionalBackward(_ target: BackwardPass.Target, _ conditional: Value) {
        let count = quantizer.codewords
        let weight = Float(terms.conditional.weight / log(2.0))
        for row in 0..<y.rows {
            let (logits, gradient) = (conditional.data + row &* count, target.pointer + row &* count)
            let normalizer = Lanes(repeating: normalizers[row])
            var codeword = 0
            while codeword < count {
                let rest = count &- codeword
                let whole = rest >= Lanes.scalarCount
                let values = whole ? load(logits + codeword) : loadPart(logits + codeword, count: rest)
                var step = exponential(values - normalizer) * Lanes(repeating: weight)
                if target.accumulate {
                    step += whole ? load(gradient + codeword) : loadPart(gradient + codeword, count: rest)
                }
                if whole {
                    store(step, to: gradient + codeword)
                } else {
                    storePart(step, to: gradient + codeword, count: rest)
                }
                codeword &+= Lanes.scalarCount
            }
            gradient[Int(indices[row])] -= weight
        }
    }

    private func logitsBackward(_ target: BackwardPass.Target) {
        let (count, positions) = (quantizer.codewords, quantizer.positions)
        let weight = Float(terms.unconditional.weight / log(2.0))
        let perPosition = weight * Float(y.rows / positions)
        for position in 0..<positions {
            let logits = quantizer.logits.values + position &* count
            let gradient = target.pointer + position &* count
            let normalizer = positionNormalizers[position]
            for codeword in 0..<count {
                let share = perPosition * exp(logits[codeword] - normalizer)
                gradient[codeword] = share + (target.accumulate ? gradient[codeword] : 0)
            }
        }
        for row in 0..<y.rows {
            target.pointer[row % positions &* count &+ Int(indices[row])] -= weight
        }
    }

    // MARK: Search

    private static func bits(_ logit: Float, _ normalizer: Float) -> Float {
        min((normalizer - logit) * 1.442_695_04, ProductQuantization.mostBits)
    }

    /// The transposed codebook of a position and its code lengths.
    private func prepare(_ position: Int) {
        let (count, dimension) = (quantizer.codewords, quantizer.dimension)
        let logits = quantizer.logits.values + position &* count
        let normalizer = logOfSumOfExponentials(logits, count: count)
        positionNormalizers[position] = normalizer
        for codeword in 0..<count { lengths.pointer[codeword] = Self.bits(logits[codeword], normalizer) }
        let codebook = quantizer.codebook.values + position &* count &* dimension
        for codeword in 0..<count {
            for component in 0..<dimension {
                columns.pointer[component &* padded &+ codeword] = codebook[codeword &* dimension &+ component]
            }
        }
    }

    @inline(__always) private func squaredDistances(_ vector: UnsafePointer<Float>, _ codeword: Int) -> Lanes {
        var cost = Lanes(repeating: 0)
        var column = UnsafePointer(columns.pointer) + codeword
        for component in 0..<y.columns {
            let difference = load(column) - Lanes(repeating: vector[component])
            cost = multiplyAdd(difference, difference, plus: cost)
            column += padded
        }
        return cost
    }

    /// The codeword of least cost under the position's own code lengths; the first among equals.
    private func best(for vector: UnsafePointer<Float>) -> Int {
        let count = quantizer.codewords
        let weight = Lanes(repeating: rateWeight)
        var least = LeastCost()
        for codeword in stride(from: 0, to: count, by: Lanes.scalarCount) {
            let bits = load(lengths.pointer + codeword)
            least.consider(multiplyAdd(weight, bits, plus: squaredDistances(vector, codeword)), left: count &- codeword)
        }
        return least.index
    }

    /// The same under the row's conditional code lengths.
    private func best(for vector: UnsafePointer<Float>, logits: UnsafePointer<Float>, normalizer: Float) -> Int {
        let count = quantizer.codewords
        let weight = Lanes(repeating: rateWeight)
        let most = Lanes(repeating: ProductQuantization.mostBits)
        var least = LeastCost()
        for codeword in stride(from: 0, to: count, by: Lanes.scalarCount) {
            let left = count &- codeword
            let values =
                left >= Lanes.scalarCount ? load(logits + codeword) : loadPart(logits + codeword, count: left)
            var bits = (Lanes(repeating: normalizer) - values) * Lanes(repeating: 1.442_695_04)
            bits = bits.replacing(with: most, where: bits .> most)
            least.consider(multiplyAdd(weight, bits, plus: squaredDistances(vector, codeword)), left: left)
        }
        return least.index
    }
}

/// ln sum exp(x), without overflow.
private func logOfSumOfExponentials(_ x: UnsafePointer<Float>, count: Int) -> Float {
    var largest = -Float.infinity
    var index = 0
    if count >= Lanes.scalarCount {
        var most = load(x)
        index = Lanes.scalarCount
        while index &+ Lanes.scalarCount <= count {
            let values = load(x + index)
            most = most.replacing(with: values, where: values .> most)
            index &+= Lanes.scalarCount
        }
        for lane in 0..<Lanes.scalarCount { largest = max(largest, most[lane]) }
    }
    while index < count {
        largest = max(largest, x[index])
        index &+= 1
    }
    var sums = Lanes(repeating: 0)
    index = 0
    while index &+ Lanes.scalarCount <= count {
        sums += exponential(load(x + index) - Lanes(repeating: largest))
        index &+= Lanes.scalarCount
    }
    var sum = sums.sum()
    while index < count {
        sum += exp(x[index] - largest)
        index &+= 1
    }
    return largest + log(sum)
}
