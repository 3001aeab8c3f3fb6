import Neural
import Numerics

/// Estimates the probability of each codeword of each vector from what the decoder has reconstructed so far.
///
///     let logits = ConditionalEntropyModel(architecture, stage: 0, layer: 1, in: parameters)(prediction, on: tape)
///     // rows x codewords
///
/// A network over each vector of the prediction estimates a few numbers, held in -1...1; a second one turns them into
/// logits. Both are residual blocks with one more skip around them.
///
/// Source: NVTC paper, section 4.2, Eq. 2.
struct ConditionalEntropyModel {
    private let estimator: Chain
    private let prior: Chain

    /// A linear layer, residual blocks in one more skip, a linear layer.
    private struct Chain {
        let entry: Linear
        let blocks: [ResidualBlock]
        let exit: Linear

        init(
            inputs: Int, width: Int, blocks count: Int, outputs: Int, name: String, in parameters: ParameterSet
        ) {
            entry = Linear(inputs: inputs, outputs: width, name: name + ".0", in: parameters)
            blocks = (0..<count).map {
                ResidualBlock(
                    width: width, hidden: width, name: "\(name).1.m.\($0)", first: "m.0", second: "m.2", in: parameters)
            }
            exit = Linear(inputs: width, outputs: outputs, name: name + ".2", in: parameters)
        }

        func callAsFunction(_ x: Value, on tape: Tape) -> Value {
            let first = entry(x, on: tape)
            var y = first
            for block in blocks { y = block(y, on: tape) }
            return exit(blocks.isEmpty ? first : add(first, y, on: tape), on: tape)
        }
    }

    init(_ architecture: NVTCArchitecture, stage: Int, layer: Int, in parameters: ParameterSet) {
        let sizes = architecture.stages[stage]
        let (width, blocks) = (architecture.priorWidth, architecture.priorBlocks)
        estimator = Chain(
            inputs: sizes.width, width: width, blocks: blocks, outputs: sizes.priorParameters,
            name: "prior_estimator.\(stage).\(layer)", in: parameters)
        prior = Chain(
            inputs: sizes.priorParameters, width: width, blocks: blocks, outputs: sizes.codewords,
            name: "quantizer.\(stage).\(layer).entropy_model.prior_fn.nn", in: parameters)
    }

    /// - Parameter prediction: rows x width.
    /// - Returns: logits, rows x codewords.
    func callAsFunction(_ prediction: Value, on tape: Tape) -> Value {
        prior(oneSidedClamp(estimator(prediction, on: tape), to: -1...1, on: tape), on: tape)
    }
}
