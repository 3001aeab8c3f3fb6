import Neural
import Numerics

/// A tile of an image between the finest stage's features and its codewords: what an encoder or a decoder runs, layer by
/// layer, so that each layer's codewords can be coded or decoded before the next layer is predicted from them.
///
///     let coding = LatentCoding(model, height: 256, width: 768, role: .decoder)
///     for layer in coding.layers {
///         coding.run(layer.entropy)                           // then layer.logits are there, for the decoder to use
///         layer.indices[0] = 17                               // of every row; an encoder finds them there after
///         coding.run(layer.quantization)                      // ... this
///         coding.run(layer.transform) }
///     coding.prediction                                       // the decoded features, rows x width
///
/// Everything that a decoder computes is recorded with reproducible arithmetic, by the same code for both roles: encoder
/// and decoder get the same bits of the same logits, on whatever machines they run (Lloyd's third invariant).
public final class LatentCoding {
    public enum Role: Sendable {
        /// - Parameter rateWeight: what a bit counts for in squared distance, 1 / lambda.
        case encoder(rateWeight: Float)
        case decoder
    }

    /// One quantization layer, in the order of decoding.
    public struct Layer {
        public var stage: Int
        public var layer: Int
        public var quantizer: ProductQuantization
        /// Rows x codewords, valid between the runs of `entropy` and `transform`; nil where the quantizer's own count.
        public var logits: Value?
        /// The codeword of each row: filled by the decoder's caller, found by the encoder.
        public var indices: AlignedBuffer<Int32>
        /// The encoder's: bits under its entropy model.
        public var terms: ProductQuantization.Terms?
        /// Parts of the tape.
        public var entropy: Range<Int>
        public var quantization: Range<Int>
        public var transform: Range<Int>

        /// Bits that the entropy model charges for the indices; for encoders.
        public var bits: Double {
            guard let terms else { return 0 }
            return logits == nil ? terms.unconditional.value : terms.conditional.value
        }
    }

    /// The encoder's input: the features of the finest stage, rows x width in the order of `grid`; filled by the caller.
    public let features: Value?
    /// The decoded features, in the same form.
    public let prediction: Value
    /// Of the finest stage.
    public let grid: PixelGrid
    /// The encoder's transforms, to be run first; empty for a decoder.
    public let analysis: Range<Int>
    public let layers: [Layer]
    private let tape: Tape

    /// - Parameters:
    ///   - height, width: pixels of the tile, multiples of the architecture's alignment.
    public init(_ model: NVTCModel, height: Int, width: Int, role: Role) {
        let architecture = model.architecture
        precondition(height % architecture.alignment == 0 && width % architecture.alignment == 0)
        let grids = model.grids(height: height, width: width)
        grid = grids[0]
        let tape = Tape(parameters: model.parameters, isTraining: false)
        self.tape = tape

        let latents: [[Value]]?
        if case .encoder = role {
            let input = tape.input(rows: grids[0].rows, columns: architecture.stages[0].width)
            features = input
            latents = model.analyze(input, from: .features, grids: grids, on: tape)
        } else {
            (features, latents) = (nil, nil)
        }
        analysis = 0..<tape.operations.count

        // From here on the decoder has to follow bit by bit.
        tape.arithmetic = .reproducible
        var begin = tape.operations.count
        var layers: [Layer] = []
        prediction = model.synthesize(to: .features, grids: grids, on: tape) { at, own, known in
            let logits = known.map { own.logits($0, on: tape) }
            let afterLogits = tape.operations.count
            let (codewords, indices, terms) = Self.codewords(
                of: own, rows: grids[at.stage].rows, latents: latents?[at.stage][at.layer], prediction: known,
                logits: logits, role: role, on: tape)
            let afterCodewords = tape.operations.count
            layers.append(
                Layer(
                    stage: at.stage, layer: at.layer, quantizer: own.quantizer, logits: logits, indices: indices,
                    terms: terms, entropy: begin..<afterLogits, quantization: afterLogits..<afterCodewords,
                    transform: afterCodewords..<afterCodewords))
            return codewords
        } layerEnded: { _ in
            begin = tape.operations.count
            let last = layers.count - 1
            layers[last].transform = layers[last].transform.lowerBound..<begin
        }
        self.layers = layers
        tape.pin(prediction)
        tape.prepare()
    }

    /// An encoder's search or a decoder's lookup.
    private static func codewords(
        of layer: QuantizationLayer, rows: Int, latents: Value?, prediction: Value?, logits: Value?, role: Role,
        on tape: Tape
    ) -> (codewords: Value, indices: AlignedBuffer<Int32>, terms: ProductQuantization.Terms?) {
        guard let latents, case .encoder(let rateWeight) = role else {
            let lookup = layer.quantizer.lookup(rows: rows, on: tape)
            return (lookup.result, lookup.indices, nil)
        }
        let terms = ProductQuantization.Terms(
            unconditional: tape.term("unconditional-bits"), conditional: tape.term("conditional-bits"),
            distance: tape.term("distance"))
        let operation = layer.quantize(latents, prediction: prediction, logits: logits, terms: terms, on: tape)
        operation.rateWeight = rateWeight
        return (operation.result, operation.indices, terms)
    }

    /// Runs a part of the tape; parts are run in order.
    public func run(_ part: Range<Int>) { tape.forward(part) }
}
