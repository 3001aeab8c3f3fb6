import Foundation
import Numerics

/// Vector quantization with a learned codebook: each row becomes the codeword that costs least, rate included.
///
///     let quantization = CodebookQuantization(codewords: 256, dimension: 2, constrained: true, name: "vq", in: parameters)
///     let operation = quantization(latents, bits: bits, distance: distance, on: tape)
///     operation.rateWeight = 1 / lambda                       // what a bit counts for in squared distance
///     let quantized = operation.result                        // rows x dimension, codewords
///
/// A row y becomes the codeword c_i of the least ||y - c_i||^2 + rateWeight * bits_i, where bits_i = -log2 softmax(w)_i;
/// unconstrained, the nearest. The gradient of the result passes straight through to y; the codebook learns from the
/// term `distance` = sum ||y - c_i||^2, whose gradient goes to both sides, and the logits w from the term `bits`.
///
/// Source: NVTC paper, Eqs. 1 and 3; the straight-through estimator of van den Oord et al. 2017.
public struct CodebookQuantization: Sendable {
    /// K, the size of the codebook.
    public let codewords: Int
    /// The length of a codeword.
    public let dimension: Int
    /// Codewords x dimension.
    public let codebook: Parameter
    /// Unnormalized log probabilities w, one for each codeword; nil if the rate is not constrained.
    public let logits: Parameter?

    /// Adds the parameters `NAME.codebook` and, if constrained, `NAME.logits`. Their gradients are left out of clipping.
    /// - Parameters:
    ///   - constrained: whether rate counts in the choice of codewords.
    ///   - rateFactor: the learning rate of codewords and logits relative to the schedule's.
    public init(
        codewords: Int, dimension: Int, constrained: Bool, rateFactor: Float = 1, name: String,
        in parameters: ParameterSet
    ) {
        self.codewords = codewords
        self.dimension = dimension
        codebook = parameters.add(
            name + ".codebook", shape: [codewords, dimension], initialization: .normal(1), rateFactor: rateFactor,
            isClipped: false)
        logits =
            constrained
            ? parameters.add(
                name + ".logits", shape: [codewords], initialization: .constant(0), rateFactor: rateFactor,
                isClipped: false) : nil
    }

    /// Records the quantization on a tape.
    /// - Parameters:
    ///   - y: rows x dimension.
    ///   - bits: becomes the sum of the chosen codewords' bits.
    ///   - distance: becomes the sum of the squared distances.
    public func callAsFunction(
        _ y: Value, bits: Term, distance: Term, on tape: Tape
    ) -> CodebookQuantizationOperation {
        let operation = CodebookQuantizationOperation(self, y, bits, distance, on: tape)
        tape.record(operation)
        return operation
    }
}

/// One use of a `CodebookQuantization` on a tape.
public final class CodebookQuantizationOperation: Operation {
    /// What a bit counts for in squared distance when a codeword is chosen; 0 chooses the nearest.
    public var rateWeight: Float = 0
    /// Rows x dimension: each row's codeword.
    public let result: Value
    /// The codeword of each row; valid after `forward`.
    public let indices: AlignedBuffer<Int32>
    private let quantization: CodebookQuantization
    private let y: Value
    private let bits: Term
    private let distance: Term
    /// Bits of each codeword under the current logits, padded to whole registers.
    private let lengths: AlignedBuffer<Float>
    /// The codebook with a row for each dimension: registers run over codewords.
    private let columns: AlignedBuffer<Float>
    private let padded: Int

    init(_ quantization: CodebookQuantization, _ y: Value, _ bits: Term, _ distance: Term, on tape: Tape) {
        precondition(y.columns == quantization.dimension)
        self.quantization = quantization
        self.y = y
        self.bits = bits
        self.distance = distance
        let lanes = Lanes.scalarCount
        padded = (quantization.codewords + lanes - 1) / lanes * lanes
        lengths = AlignedBuffer(count: padded)
        columns = AlignedBuffer(count: padded * quantization.dimension)
        indices = AlignedBuffer(count: y.rows)
        result = tape.output(rows: y.rows, columns: y.columns, of: [y], parameters: [quantization.codebook])
    }

    public var inputs: [Value] { [y] }
    public var output: Value? { result }
    public var passedInput: Value? { y }
    public var parameters: [Parameter] { [quantization.codebook] + (quantization.logits.map { [$0] } ?? []) }

    public func forward() {
        prepare()
        let dimension = y.columns
        let codebook = quantization.codebook.values
        var (sumOfBits, sumOfDistances) = (0.0, 0.0)
        for row in 0..<y.rows {
            let vector = y.data + row &* dimension
            let index = best(for: vector)
            indices[row] = Int32(index)
            let codeword = codebook + index &* dimension
            var squared: Float = 0
            for component in 0..<dimension {
                let difference = vector[component] - codeword[component]
                squared += difference * difference
                result.data[row &* dimension &+ component] = codeword[component]
            }
            sumOfBits += Double(lengths[index])
            sumOfDistances += Double(squared)
        }
        bits.value = sumOfBits
        distance.value = sumOfDistances
    }

    public func backward(_ pass: borrowing BackwardPass) {
        let dimension = y.columns
        let codebook = quantization.codebook.values
        let factor = Float(2 * distance.weight)
        pass.passGradient(of: result, to: y)
        let target = pass.target(of: quantization.codebook)
        if !target.accumulate { target.pointer.update(repeating: 0, count: quantization.codebook.count) }
        for row in 0..<y.rows {
            let index = Int(indices[row])
            for component in 0..<dimension {
                let step =
                    factor * (y.data[row &* dimension &+ component] - codebook[index &* dimension &+ component])
                target.pointer[index &* dimension &+ component] -= step
                if y.needsGradient { y.gradient[row &* dimension &+ component] += step }
            }
        }
        if let logits = quantization.logits { logitsBackward(pass.target(of: logits)) }
    }

    /// d bits / d w_k = (rows p_k - count_k) / ln 2.
    private func logitsBackward(_ target: BackwardPass.Target) {
        let weight = Float(bits.weight / log(2.0))
        for codeword in 0..<quantization.codewords {
            let probability = exp2(-lengths[codeword])
            let share = weight * Float(y.rows) * probability
            target.pointer[codeword] = share + (target.accumulate ? target.pointer[codeword] : 0)
        }
        for row in 0..<y.rows { target.pointer[Int(indices[row])] -= weight }
    }

    /// Code lengths and the transposed codebook for the current parameters.
    private func prepare() {
        let (count, dimension) = (quantization.codewords, quantization.dimension)
        if let logits = quantization.logits?.values {
            let largest = (0..<count).reduce(-Float.infinity) { max($0, logits[$1]) }
            let sum = (0..<count).reduce(0.0) { $0 + exp(Double(logits[$1] - largest)) }
            let offset = Double(largest) + log(sum)
            for codeword in 0..<count {
                lengths[codeword] = Float((offset - Double(logits[codeword])) / log(2.0))
            }
        } else {
            for codeword in 0..<count { lengths[codeword] = 0 }
        }
        let codebook = quantization.codebook.values
        for codeword in 0..<count {
            for component in 0..<dimension {
                columns[component &* padded &+ codeword] = codebook[codeword &* dimension &+ component]
            }
        }
    }

    /// The codeword of least cost; the first among equals.
    private func best(for vector: UnsafePointer<Float>) -> Int {
        let count = quantization.codewords
        let weight = Lanes(repeating: rateWeight)
        var least = LeastCost()
        for codeword in stride(from: 0, to: count, by: Lanes.scalarCount) {
            var cost = Lanes(repeating: 0)
            for component in 0..<y.columns {
                let difference =
                    load(columns.pointer + (component &* padded &+ codeword)) - Lanes(repeating: vector[component])
                cost = multiplyAdd(difference, difference, plus: cost)
            }
            least.consider(multiplyAdd(weight, load(lengths.pointer + codeword), plus: cost), left: count &- codeword)
        }
        return least.index
    }
}
