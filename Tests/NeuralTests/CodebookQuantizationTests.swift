import Foundation
import Neural
import Numerics
import Testing

@Suite struct CodebookQuantizationTests {
    /// A codebook of any size between inputs that are learned and a target.
    private final class Model {
        let parameters = ParameterSet()
        let tape: Tape
        let layer: Linear
        let quantization: CodebookQuantization
        let operation: CodebookQuantizationOperation
        let input: Value
        let latents: Value
        let target: Value
        let (bits, distance, distortion): (Term, Term, Term)
        let rows = 11

        init(codewords: Int, dimension: Int, constrained: Bool) {
            layer = Linear(inputs: dimension, outputs: dimension, name: "layer", in: parameters)
            quantization = CodebookQuantization(
                codewords: codewords, dimension: dimension, constrained: constrained, name: "vq", in: parameters)
            parameters.initialize(seed: 6)
            if let logits = quantization.logits {
                for index in 0..<codewords { logits.values[index] = Float(index % 4) * 0.5 }
            }
            tape = Tape(parameters: parameters)
            input = tape.input(rows: rows, columns: dimension)
            target = tape.input(rows: rows, columns: dimension)
            bits = tape.term("bits")
            distance = tape.term("distance")
            distortion = tape.term("distortion")
            latents = layer(input, on: tape)
            operation = quantization(latents, bits: bits, distance: distance, on: tape)
            squaredError(operation.result, target, term: distortion, on: tape)
            let random = CounterRandom(seed: 8, purpose: .test)
            random.normals(item: 0, into: UnsafeMutableBufferPointer(start: input.data, count: input.count))
            random.normals(item: 1, into: UnsafeMutableBufferPointer(start: target.data, count: target.count))
        }

        func gradient() -> [Float] {
            tape.forward()
            var gradient = [Float](repeating: .nan, count: parameters.count)
            gradient.withUnsafeMutableBufferPointer { tape.backward(into: $0.baseAddress!) { _ in } }
            return gradient
        }
    }

    @Test(arguments: [(1, 1), (5, 2), (8, 3), (37, 2), (100, 16)])
    func takesTheCheapestCodeword(codewords: Int, dimension: Int) {
        for (constrained, weight) in [(false, Float(0)), (true, 0), (true, 0.7)] {
            let model = Model(codewords: codewords, dimension: dimension, constrained: constrained)
            model.operation.rateWeight = weight
            model.tape.forward()
            let logits = (0..<codewords).map { Double(model.quantization.logits?.values[$0] ?? 0) }
            let sum = logits.reduce(0) { $0 + exp($1) }
            var (bits, distance) = (0.0, 0.0)
            for row in 0..<model.rows {
                func squared(_ codeword: Int) -> Double {
                    (0..<dimension).reduce(0.0) {
                        let difference =
                            model.latents.data[row * dimension + $1]
                            - model.quantization.codebook.values[codeword * dimension + $1]
                        return $0 + Double(difference * difference)
                    }
                }
                func length(_ codeword: Int) -> Double {
                    constrained ? -log2(exp(logits[codeword]) / sum) : 0
                }
                let costs = (0..<codewords).map { squared($0) + Double(weight) * length($0) }
                let chosen = Int(model.operation.indices[row])
                #expect(costs[chosen] <= costs.min()! + 1e-4)
                bits += length(chosen)
                distance += squared(chosen)
                for component in 0..<dimension {
                    #expect(
                        model.operation.result.data[row * dimension + component]
                            == model.quantization.codebook.values[chosen * dimension + component])
                }
            }
            #expect(abs(model.bits.value - bits) < 1e-3 && abs(model.distance.value - distance) < 1e-3 * (1 + distance))
        }
    }

    /// With the assignments fixed, bits and distance are smooth in logits, codewords and latents.
    @Test func gradientsAreThoseOfFixedAssignments() {
        let model = Model(codewords: 6, dimension: 2, constrained: true)
        model.operation.rateWeight = 0.5
        (model.bits.weight, model.distance.weight, model.distortion.weight) = (0.4, 0.3, 0)
        let gradient = model.gradient()
        let chosen = (0..<model.rows).map { model.operation.indices[$0] }
        for parameter in model.parameters.parameters {
            for index in 0..<min(parameter.count, 6) {
                let before = parameter.values[index]
                func objective(_ step: Float) -> Double {
                    parameter.values[index] = before + step
                    defer { parameter.values[index] = before }
                    model.tape.forward()
                    return model.tape.objective
                }
                let measured = (objective(1e-3) - objective(-1e-3)) / 2e-3
                guard (0..<model.rows).allSatisfy({ model.operation.indices[$0] == chosen[$0] }) else { continue }
                #expect(
                    abs(measured - Double(gradient[parameter.offset + index])) < 5e-3 * max(1, abs(measured)),
                    "\(parameter.name) \(index)")
            }
        }
    }

    /// The distortion's gradient reaches what comes before as if there were no quantizer, and not the codebook.
    @Test func theReconstructionGradientGoesStraightThrough() {
        let model = Model(codewords: 6, dimension: 2, constrained: true)
        (model.bits.weight, model.distance.weight, model.distortion.weight) = (0, 0, 1)
        let gradient = model.gradient()
        for column in 0..<2 {
            let wanted = (0..<model.rows).reduce(Float(0)) {
                $0 + 2 * (model.operation.result.data[$1 * 2 + column] - model.target.data[$1 * 2 + column])
            }
            #expect(abs(gradient[model.layer.bias.offset + column] - wanted) < 1e-4)
        }
        let codebook = model.quantization.codebook
        #expect((0..<codebook.count).allSatisfy { gradient[codebook.offset + $0] == 0 })
    }
}
