import Codec
import Datasets
import Foundation

extension CodedFile.Kind {
    /// An image coded by the layers of an RRQ run. Parameters: channels, layers, 1 for entropy-coded indices or 0.
    public static let residual = CodedFile.Kind(number: 2, parameters: 3)
}

/// Images to files and back with an RRQ run; every prefix of the layers is an image, too.
///
///     let codec = ResidualCodec(try ResidualModel(runFolder: "runs/rrq-faces", layers: 40))
///     let coded = try codec.encode(Image(path: "face.png"))
///     try OutputFile.write(coded.file.data, to: "face.lloyd")
///     let decoded = try codec.decode(coded.file, layers: 10, name: "face.lloyd")        // coarser
///
/// The file's one chunk holds the layers' indices in order: with fixed length, log2 K bits each (rounded up), the highest
/// first; entropy-coded, a stream of rANS with a static table for each layer, made of the training's counts by integers
/// alone. Both can be read as far as they go, so that a file that was cut short still gives its first layers.
struct ResidualCodec {
    /// How indices become bits.
    enum Coding: Int, Sendable {
        case fixedLength = 0
        /// By the training's frequencies.
        case entropy = 1
    }

    /// An image as a file.
    struct Coded {
        var file: CodedFile
        /// Of the codewords, one for each layer.
        var indices: [Int32]
        /// -log2 of each index's frequency in training, or its fixed length, by layer.
        var layerBits: [Double]
        /// The sum of `layerBits`.
        var estimatedBits: Double { layerBits.reduce(0, +) }
    }

    /// An image from a file.
    struct Decoded {
        var image: Image
        /// Of the codewords, one for each layer that was decoded.
        var indices: [Int32]
    }

    let model: ResidualModel

    init(_ model: ResidualModel) { self.model = model }

    // MARK: Encoding

    /// - Parameters:
    ///   - image: of the model's size; colors become gray, or gray becomes colors, as the model has it.
    ///   - name: what errors call the image.
    /// - Throws: `LloydError` for an image of another size, or if the run has no counts for entropy coding.
    func encode(_ image: Image, coding: Coding = .entropy, name: String = "the image") throws -> Coded {
        let shape = model.shape
        guard image.width == shape.width, image.height == shape.height else {
            throw LloydError(
                path: name,
                problem: "has \(image.width)x\(image.height) pixels; the run codes images of "
                    + "\(shape.width)x\(shape.height)", remedy: "crop or scale it to that size first")
        }
        guard coding == .fixedLength || model.hasCounts else {
            throw LloydError(
                path: model.runFolder, problem: "does not say how often its codewords were taken in training",
                remedy: "code with fixed length, or bring the counts by `lloyd train CONFIG --run \(model.runFolder) "
                    + "--resume`: versions before this one did not keep them")
        }
        let indices = model.indices(of: shape.channels == 1 ? image.gray() : image.rgb())
        var file = CodedFile(
            kind: .residual, fingerprint: model.fingerprint(entropyCoded: coding == .entropy), width: image.width,
            height: image.height, parameters: [shape.channels, indices.count, coding.rawValue])
        let tables = coding == .entropy ? model.tables : nil
        file.chunks = [tables.map { entropyCoded(indices, $0) } ?? packed(indices)]
        return Coded(file: file, indices: indices, layerBits: bits(of: indices, tables))
    }

    /// The image that decoding all layers gives.
    func reconstruction(_ coded: Coded) -> Image { model.image(of: coded.indices) }

    /// - Parameter tables: nil for fixed length.
    private func bits(of indices: [Int32], _ tables: [FrequencyTable]?) -> [Double] {
        indices.enumerated().map { layer, index in
            guard let tables else { return Double(width(ofLayer: layer)) }
            return log2(Double(RangeSlice.whole) / Double(tables[layer].slice(of: Int(index)).size))
        }
    }

    private func entropyCoded(_ indices: [Int32], _ tables: [FrequencyTable]) -> Data {
        var encoder = AsymmetricEncoder()
        for (table, index) in zip(tables, indices).reversed() { encoder.append(table.slice(of: Int(index))) }
        return encoder.finish()
    }

    /// Bits of an index of fixed length.
    private func width(ofLayer layer: Int) -> Int {
        let codewords = model.codebooks[layer].codewords
        return Int.bitWidth - (codewords - 1).leadingZeroBitCount
    }

    private func packed(_ indices: [Int32]) -> Data {
        var bytes = [UInt8](repeating: 0, count: (packedBits(indices.count) + 7) / 8)
        var position = 0
        for (layer, index) in indices.enumerated() {
            for bit in (0..<width(ofLayer: layer)).reversed() {
                if index >> Int32(bit) & 1 == 1 { bytes[position / 8] |= 0x80 >> UInt8(position % 8) }
                position += 1
            }
        }
        return Data(bytes)
    }

    private func packedBits(_ layers: Int) -> Int { (0..<layers).reduce(0) { $0 + width(ofLayer: $1) } }

    // MARK: Decoding

    /// - Parameters:
    ///   - wanted: how many of the file's layers, from the first; nil for all. Fewer than all may come from a file that
    ///     was cut short (`CodedFile.missingBytes`).
    ///   - name: what errors call the file.
    /// - Throws: `LloydError` for a file of another model or kind, a damaged one, or one that has fewer layers.
    func decode(_ file: CodedFile, layers wanted: Int? = nil, name: String) throws -> Decoded {
        func fault(_ problem: String, _ remedy: String = "copy the file again, or encode the image anew")
            -> LloydError
        {
            LloydError(path: name, problem: problem, remedy: remedy)
        }
        guard file.kind == .residual else {
            throw fault("is not of an RRQ run", "decode it with the model of the method that made it")
        }
        let (channels, count) = (file.parameters[0], file.parameters[1])
        guard let coding = Coding(rawValue: file.parameters[2]) else {
            throw fault("states an unknown coding of its indices, \(file.parameters[2])")
        }
        guard file.fingerprint == model.fingerprint(entropyCoded: coding == .entropy), count == model.layers else {
            throw fault(
                "was made with other layers than the first \(model.layers) of \(model.runFolder)",
                "decode it with the run that encoded it, as it was then")
        }
        guard file.width == model.shape.width, file.height == model.shape.height, channels == model.shape.channels
        else { throw fault("states an image that its model does not code: \(file.width)x\(file.height)x\(channels)") }
        let isWhole = file.missingBytes == 0 && !file.chunks.isEmpty
        guard file.chunks.count <= 1 else {
            throw fault("holds \(file.chunks.count) chunks, not one")
        }
        guard isWhole || wanted != nil else {
            throw fault("is cut short", "ask for some of its \(count) layers, or copy the file again")
        }
        let layers = wanted ?? count
        guard (1...count).contains(layers) else {
            throw fault("has \(count) layers, not the \(layers) asked for", "ask for 1 to \(count) layers")
        }
        let chunk = file.chunks.first ?? Data()
        let indices = coding == .entropy ? entropyDecoded(chunk, missing: file.missingBytes) : unpacked(chunk, isWhole)
        guard let indices, indices.count >= layers else {
            throw isWhole
                ? fault("has a chunk 1 that is not a list of \(count) codewords")
                : fault(
                    "is cut short: what is left holds \(indices?.count ?? 0) of its \(count) layers",
                    "ask for fewer layers, or copy the file again")
        }
        let used = Array(indices.prefix(layers))
        return Decoded(image: model.image(of: used), indices: used)
    }

    /// The indices of all layers, or of those that are there if bytes are missing; nil for what is not such a stream.
    private func entropyDecoded(_ chunk: Data, missing: Int) -> [Int32]? {
        // The length of the stream's first part follows from that of the whole; the rest is words of four bytes.
        let odd = missing % 4 == 0 ? 0 : 4 - missing % 4
        guard let tables = model.tables, chunk.count >= 5 + odd,
            var decoder = AsymmetricDecoder(chunk.prefix(chunk.count - odd))
        else { return nil }
        var indices: [Int32] = []
        for table in tables {
            let index = table.symbol(at: decoder.offset)
            indices.append(Int32(index))
            guard decoder.remove(table.slice(of: index)) else { return missing > 0 ? indices : nil }
        }
        return missing > 0 || decoder.isFinished ? indices : nil
    }

    /// The same of indices of fixed length; nil also for an index too large.
    private func unpacked(_ chunk: Data, _ isWhole: Bool) -> [Int32]? {
        let bytes = [UInt8](chunk)
        var position = 0
        var indices: [Int32] = []
        for layer in 0..<model.layers {
            let width = width(ofLayer: layer)
            guard position + width <= 8 * bytes.count else { return isWhole ? nil : indices }
            var index = 0
            for _ in 0..<width {
                index = index << 1 | Int(bytes[position / 8] >> UInt8(7 - position % 8) & 1)
                position += 1
            }
            guard index < model.codebooks[layer].codewords else { return nil }
            indices.append(Int32(index))
        }
        let isPadded = position % 8 == 0 || bytes[position / 8] << UInt8(position % 8) == 0
        return !isWhole || (bytes.count == (position + 7) / 8 && isPadded) ? indices : nil
    }
}
