/// The sizes of an NVTC model.
///
///     let paper = NVTCArchitecture.paper
///     paper.stages[0].codewords                               // 128
///     paper.alignment                                         // 64: images are padded to multiples of it
///
/// Stages are numbered from the finest, 0, at 1/4 of the image's resolution, to the coarsest, which is decoded first.
///
/// Source: NVTC paper, section 4 and its supplement.
package struct NVTCArchitecture: Sendable, Equatable, Codable {
    /// What works at one resolution.
    package struct Stage: Sendable, Equatable, Codable {
        /// Pixels along a side that one of this stage's vectors stands for, of the stage before (of the image for stage
        /// 0).
        package var factor: Int
        /// Quantization layers.
        package var layers: Int
        /// Channels.
        package var width: Int
        /// Vector transform units of a layer, in the encoder and again in the decoder.
        package var units: Int
        /// Pixels along a block's side: a unit mixes a block's positions, each of which has a codebook.
        package var block: Int
        /// Codewords of a codebook.
        package var codewords: Int
        /// Components of a codeword.
        package var dimension: Int
        /// Numbers that the conditional entropy model estimates for a vector, from which its logits follow.
        package var priorParameters: Int
        /// Entries of a layer's table of such numbers: part of the published model, not used by training.
        package var priorLevels: Int

        /// All sizes of a stage.
        package init(
            factor: Int, layers: Int, width: Int, units: Int, block: Int, codewords: Int, dimension: Int,
            priorParameters: Int, priorLevels: Int
        ) {
            self.factor = factor
            self.layers = layers
            self.width = width
            self.units = units
            self.block = block
            self.codewords = codewords
            self.dimension = dimension
            self.priorParameters = priorParameters
            self.priorLevels = priorLevels
        }
    }

    /// What the units of a layer are.
    package enum Transform: String, Sendable, Codable, CaseIterable {
        /// Vector transform units.
        case vector
        /// Convolutional residual blocks in their place (Table 4, A1).
        case convolution
    }

    /// From the finest to the coarsest.
    package var stages: [Stage]
    /// The kind of all units.
    package var transform = Transform.vector
    /// 3x3 residual blocks in the finest stage's scaling, in the encoder and again in the decoder.
    package var scalingBlocks = 3
    /// Width of the networks of the conditional entropy model.
    package var priorWidth = 64
    /// Residual blocks in each of them.
    package var priorBlocks = 3

    /// - Precondition: there is at least one stage.
    package init(stages: [Stage]) {
        precondition(!stages.isEmpty)
        self.stages = stages
    }

    /// The model of the paper: 12,820,368 parameters.
    package static let paper = NVTCArchitecture(stages: [
        Stage(
            factor: 4, layers: 4, width: 192, units: 2, block: 4, codewords: 128, dimension: 4, priorParameters: 4,
            priorLevels: 128),
        Stage(
            factor: 2, layers: 6, width: 192, units: 2, block: 4, codewords: 256, dimension: 8, priorParameters: 4,
            priorLevels: 64),
        Stage(
            factor: 2, layers: 6, width: 192, units: 2, block: 4, codewords: 512, dimension: 16, priorParameters: 4,
            priorLevels: 32),
    ])

    /// Coarser blocks, in pixels of the image, are refused: every image is padded to whole ones.
    static let mostAlignment = 2048

    /// What `isSound` asks for, as a remedy.
    static let limits =
        "use at most 8 stages, blocks and factors of at most 16, at most 64 layers and units, other sizes of at most "
        + "4096, and blocks that are at most \(mostAlignment) pixels of the image wide"

    /// Whether every size is one that a model can have: what is read from files is not trusted.
    package var isSound: Bool {
        let sizes = stages.flatMap {
            [
                $0.factor, $0.layers, $0.width, $0.units, $0.block, $0.codewords, $0.dimension, $0.priorParameters,
                $0.priorLevels,
            ]
        }
        return (1...8).contains(stages.count) && sizes.allSatisfy { (1...4096).contains($0) }
            && stages.allSatisfy { $0.block <= 16 && $0.factor <= 16 && $0.layers <= 64 && $0.units <= 64 }
            && (0...64).contains(scalingBlocks) && (1...4096).contains(priorWidth) && (0...64).contains(priorBlocks)
            && alignment <= Self.mostAlignment
    }

    /// What height and width of an image are padded to multiples of, in pixels: whole blocks at every stage.
    package var alignment: Int {
        var factor = 1
        var multiple = 1
        for stage in stages {
            factor *= stage.factor
            multiple = leastCommonMultiple(multiple, factor * stage.block)
        }
        return multiple
    }

    /// Quantization layers in the order of decoding: coarsest stage first, and its last layer first.
    package var decodingOrder: [(stage: Int, layer: Int)] {
        stages.indices.reversed().flatMap { stage in
            (0..<stages[stage].layers).reversed().map { (stage, $0) }
        }
    }
}

private func leastCommonMultiple(_ one: Int, _ other: Int) -> Int {
    var (a, b) = (one, other)
    while b != 0 { (a, b) = (b, a % b) }
    return one / a * other
}
