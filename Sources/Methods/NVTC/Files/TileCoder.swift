import Codec
import Datasets
import Foundation
import Neural
import Numerics

/// What one thread needs to code tiles with a model: passes for the sizes it has met, and slices for each codebook
/// size.
///
///     let coder = TileCoder(model, rateWeight: 1 / lambda, halo: FinestScaling.halo(model.architecture))
///     let coded = try coder.encode(image, tile: plan.tiles[0], plan: plan)
///     let features = try coder.decode(coded.bytes, tile: plan.tiles[0])
final class TileCoder {
    /// A coded tile.
    struct Coded {
        var bytes: Data
        /// -log2 p of its indices, by layer.
        var layerBits: [Double]
        var indices: [[Int32]]
    }

    /// Why a tile cannot be coded.
    enum Fault: Error {
        /// A logit is not finite: the model cannot say how likely codewords are.
        case noProbabilities
        /// The coded bytes do not fit the model.
        case damaged
    }

    private(set) var times = CodingTimes()
    private let model: NVTCModel
    private let rateWeight: Float
    private let halo: Int
    private var slices: [Int: LogitSlices] = [:]
    private var downs = Recent<FinestScaling>()
    private var ups = Recent<FinestScaling>()
    private var encoders = Recent<LatentEncoder>()
    private var decoders = Recent<LatentCoding>()

    /// The passes of the last two sizes of tiles. Few occur in an image, and each takes a tile's memory.
    private struct Recent<Pass> {
        private var passes: [(height: Int, width: Int, pass: Pass)] = []

        mutating func pass(_ height: Int, _ width: Int, _ make: () -> Pass) -> Pass {
            if let known = passes.first(where: { $0.height == height && $0.width == width }) { return known.pass }
            if passes.count == 2 { passes.removeFirst() }
            let pass = make()
            passes.append((height, width, pass))
            return pass
        }
    }

    /// - Parameters:
    ///   - rateWeight: what a bit counts for in squared distance, 1 / lambda; 0 chooses the nearest codewords.
    ///   - halo: pixels beside a tile that the finest stage's scaling looks at.
    init(_ model: NVTCModel, rateWeight: Float, halo: Int) {
        self.model = model
        self.rateWeight = rateWeight
        self.halo = halo
    }

    func resetTimes() { times = CodingTimes() }

    // MARK: Encoding

    /// Codes a tile.
    /// - Parameter image: of three channels.
    /// - Throws: `Fault.noProbabilities`.
    func encode(_ image: Image, tile: TilePlan.Tile, plan: TilePlan) throws -> Coded {
        let encoder = times.measure(\.transform) {
            let encoder = encoders.pass(tile.height, tile.width) {
                LatentEncoder(model, height: tile.height, width: tile.width, rateWeight: rateWeight)
            }
            let region = plan.extended(tile, by: halo)
            let scaling = downs.pass(region.height, region.width) {
                FinestScaling(model, height: region.height, width: region.width, direction: .down)
            }
            scaling.read(image, top: region.top, left: region.left)
            scaling.run()
            scaling.copyFeatures(
                top: tile.top - region.top, left: tile.left - region.left, to: encoder.features,
                of: encoder.coding.grid)
            encoder.coding.run(encoder.analysis)
            return encoder
        }
        let coding = encoder.coding
        var symbols: [RangeSlice] = []
        var indices: [[Int32]] = []
        for layer in coding.layers {
            times.measure(\.entropyModel) { coding.run(layer.entropy) }
            times.measure(\.quantization) { coding.run(layer.quantization) }
            try times.measure(\.entropyModel) { try append(layer, to: &symbols) }
            indices.append(Array(layer.indices.elements))
            times.measure(\.transform) { coding.run(layer.transform) }
        }
        let bytes = times.measure(\.entropyCoding) {
            var stream = AsymmetricEncoder()
            for slice in symbols.reversed() { stream.append(slice) }
            return stream.finish()
        }
        return Coded(bytes: bytes, layerBits: encoder.layerBits, indices: indices)
    }

    /// Adds the slices of a layer's indices, row by row.
    private func append(_ layer: LatentCoding.Layer, to symbols: inout [RangeSlice]) throws {
        let slices = slices(of: layer.quantizer)
        for row in 0..<layer.indices.count {
            guard slices.prepare(logits(of: row, in: layer)) else { throw Fault.noProbabilities }
            symbols.append(slices.slice(of: Int(layer.indices.pointer[row])))
        }
    }

    // MARK: Decoding

    /// The features of a tile: rows x width of the finest stage, in block order.
    /// - Throws: `Fault`.
    func decode(_ bytes: Data, tile: TilePlan.Tile) throws -> (features: AlignedBuffer<Float>, indices: [[Int32]]) {
        guard var decoder = AsymmetricDecoder(bytes) else { throw Fault.damaged }
        let coding = times.measure(\.transform) {
            decoders.pass(tile.height, tile.width) {
                LatentCoding(decoderOf: model, height: tile.height, width: tile.width)
            }
        }
        var indices: [[Int32]] = []
        for layer in coding.layers {
            times.measure(\.entropyModel) { coding.run(layer.entropy) }
            try times.measure(\.entropyCoding) { try remove(layer, from: &decoder) }
            indices.append(Array(layer.indices.elements))
            times.measure(\.quantization) { coding.run(layer.quantization) }
            times.measure(\.transform) { coding.run(layer.transform) }
        }
        guard decoder.isFinished else { throw Fault.damaged }
        let features = AlignedBuffer<Float>(count: coding.prediction.count)
        features.pointer.update(from: coding.prediction.data, count: features.count)
        return (features, indices)
    }

    /// Fills a layer's indices, row by row.
    private func remove(_ layer: LatentCoding.Layer, from decoder: inout AsymmetricDecoder) throws {
        let slices = slices(of: layer.quantizer)
        for row in 0..<layer.indices.count {
            guard slices.prepare(logits(of: row, in: layer)) else { throw Fault.noProbabilities }
            let (symbol, slice) = slices.symbol(at: decoder.offset)
            guard decoder.remove(slice) else { throw Fault.damaged }
            layer.indices.pointer[row] = Int32(symbol)
        }
    }

    /// Makes pixels of a tile and writes those that lie in the image.
    /// - Parameters:
    ///   - features: of every tile.
    ///   - samples: planes of an image of height x width.
    func restore(
        _ tile: TilePlan.Tile, plan: TilePlan, features: [AlignedBuffer<Float>],
        to samples: UnsafeMutablePointer<Float>, height: Int, width: Int
    ) {
        times.measure(\.transform) {
            let region = plan.extended(tile, by: halo)
            let scaling = ups.pass(region.height, region.width) {
                FinestScaling(model, height: region.height, width: region.width, direction: .up)
            }
            scaling.fillFeatures(unit: FinestScaling.unit(model.architecture)) { y, x in
                let owner = plan.tile(y: region.top + y, x: region.left + x)
                let tile = plan.tiles[owner]
                return (
                    UnsafePointer(features[owner].pointer), tile.width, region.top + y - tile.top,
                    region.left + x - tile.left
                )
            }
            scaling.run()
            let inside = (height: min(tile.height, height - tile.top), width: min(tile.width, width - tile.left))
            guard inside.height > 0, inside.width > 0 else { return }
            scaling.write(
                top: tile.top - region.top, left: tile.left - region.left, height: inside.height, width: inside.width,
                to: samples + tile.top * width + tile.left, imageWidth: width, plane: height * width)
        }
    }

    // MARK: Probabilities

    private func slices(of quantizer: ProductQuantization) -> LogitSlices {
        if let known = slices[quantizer.codewords] { return known }
        let fresh = LogitSlices(symbols: quantizer.codewords)
        slices[quantizer.codewords] = fresh
        return fresh
    }

    /// What says how likely a row's codewords are: the entropy model, or the logits of the row's position.
    private func logits(of row: Int, in layer: LatentCoding.Layer) -> UnsafePointer<Float> {
        let quantizer = layer.quantizer
        guard let logits = layer.logits else {
            return UnsafePointer(quantizer.logits.values + row % quantizer.positions &* quantizer.codewords)
        }
        return UnsafePointer(logits.data + row &* quantizer.codewords)
    }
}
