import Neural
import Numerics

/// The decoder of a tile from its codewords to the finest stage's features, run layer by layer: each layer's codewords
/// are decoded before the next layer is predicted from them.
///
///     let coding = LatentCoding(decoderOf: model, height: 256, width: 768)
///     for layer in coding.layers {
///         coding.run(layer.entropy)                           // then the layer's logits are there
///         layer.indices[0] = 17                               // of every row
///         coding.run(layer.quantization)
///         coding.run(layer.transform)
///     }
///     coding.prediction                                       // the decoded features, rows x width
///
/// An encoder runs the same layers, with a search in place of the decoder's lookup: see `LatentEncoder`. Everything is
/// recorded with reproducible arithmetic, by the same code for both, so that encoder and decoder agree: they get the
/// same bits of the same logits, on whatever machines they run.
final class LatentCoding {
    /// One quantization layer, in the order of decoding.
    struct Layer {
        let quantizer: ProductQuantization
        /// Rows x codewords, valid between the runs of `entropy` and `transform`; nil if the quantizer's own count, as
        /// in the layer that is decoded first.
        let logits: Value?
        /// The codeword of each row: filled by the caller for a decoder, found by `quantization` for an encoder.
        let indices: AlignedBuffer<Int32>
        /// The part of the tape that computes the logits.
        let entropy: Range<Int>
        /// The part that turns indices into codewords; an encoder's finds the indices, too.
        let quantization: Range<Int>
        /// The part that predicts the next layer's vectors.
        fileprivate(set) var transform: Range<Int>
    }

    /// The decoded features, rows x width in the order of `grid`.
    let prediction: Value
    /// Of the finest stage.
    let grid: PixelGrid
    /// In the order of decoding.
    let layers: [Layer]
    private let tape: Tape

    /// How a layer's codewords come about.
    typealias Codewords = (
        _ at: NVTCModel.Position, _ layer: QuantizationLayer, _ prediction: Value?, _ logits: Value?
    ) -> (values: Value, indices: AlignedBuffer<Int32>)

    /// A decoder, which looks codewords up.
    /// - Parameters:
    ///   - height, width: pixels of the tile, multiples of the architecture's alignment.
    convenience init(decoderOf model: NVTCModel, height: Int, width: Int) {
        let grids = model.alignedGrids(height: height, width: width)
        let tape = Tape(parameters: model.parameters, isTraining: false)
        self.init(model, grids, on: tape) { at, layer, _, _ in
            let lookup = layer.quantizer.lookup(rows: grids[at.stage].rows, on: tape)
            return (lookup.result, lookup.indices)
        }
    }

    /// - Parameters:
    ///   - grids: of every stage.
    ///   - tape: holds what comes before the layers, if anything does.
    init(_ model: NVTCModel, _ grids: [PixelGrid], on tape: Tape, codewords: Codewords) {
        self.tape = tape
        grid = grids[0]
        // From here on the decoder has to follow bit by bit.
        tape.arithmetic = .reproducible
        var begin = tape.operations.count
        var layers: [Layer] = []
        prediction = model.synthesize(to: .features, grids: grids, on: tape) { at, layer, known in
            let logits = known.map { layer.logits($0, on: tape) }
            let afterLogits = tape.operations.count
            let (values, indices) = codewords(at, layer, known, logits)
            let afterCodewords = tape.operations.count
            layers.append(
                Layer(
                    quantizer: layer.quantizer, logits: logits, indices: indices, entropy: begin..<afterLogits,
                    quantization: afterLogits..<afterCodewords, transform: afterCodewords..<afterCodewords))
            return values
        } layerEnded: { _ in
            begin = tape.operations.count
            let last = layers.count - 1
            layers[last].transform = layers[last].transform.lowerBound..<begin
        }
        self.layers = layers
        tape.pin(prediction)
        tape.prepare()
    }

    /// Runs a part of the tape; parts are run in order.
    func run(_ part: Range<Int>) { tape.forward(part) }
}

extension NVTCModel {
    /// The pixel grids of a tile.
    func alignedGrids(height: Int, width: Int) -> [PixelGrid] {
        precondition(height % architecture.alignment == 0 && width % architecture.alignment == 0)
        return grids(height: height, width: width)
    }
}
