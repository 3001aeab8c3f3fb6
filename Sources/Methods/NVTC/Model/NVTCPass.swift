import Datasets
import Neural
import Numerics

/// A model recorded for images of one size in one phase of training: what a thread runs forward and backward.
///
///     let pass = NVTCPass(model, height: 256, width: 256, phase: .full(model.architecture))
///     pass.setObjective(lambda: 256, images: 8)
///     pass.set(image)
///     pass.tape.forward()
///     pass.layers[0].operation.terms.unconditional.value      // bits of the layer that is decoded first
///
/// An image is a matrix in the form of `ImageBlocks`, and so is the reconstruction.
package final class NVTCPass {
    /// One quantization layer that is in use, in the order of decoding.
    package struct Layer {
        /// From the finest, 0.
        package var stage: Int
        /// Within the stage; the last is decoded first.
        package var layer: Int
        /// The choice of codewords, with their indices.
        package var operation: ProductQuantizationOperation
        /// Whether its codewords' probabilities come from the conditional entropy model.
        package var isConditional: Bool

        /// Bits and squared distances of the last image.
        package var terms: ProductQuantization.Terms { operation.terms }
        /// What the decoder pays for the last image.
        package var bits: Double { isConditional ? terms.conditional.value : terms.unconditional.value }
    }

    /// What runs: `forward()` and, in a pass that trains, `backward(into:)`.
    package let tape: Tape
    /// What is on.
    package let phase: NVTCPhase
    /// Pixels of the images, without padding.
    package let height: Int
    /// Pixels of the images, without padding.
    package let width: Int
    /// The image in the form of `ImageBlocks`: see `set`.
    package let input: Value
    /// What the decoder makes of it, in the same form.
    package let reconstruction: Value
    /// Those in use, in the order of decoding.
    package let layers: [Layer]
    /// The sum of squared errors over the pixels that are not padding.
    package let distortion: Term
    let grids: [PixelGrid]
    /// 1 for samples of the image, 0 for padding.
    private let mask: AlignedBuffer<Float>
    private let blocks: ImageBlocks

    /// - Parameters:
    ///   - height, width: pixels of the images.
    ///   - isTraining: false for a pass that only runs forward, in less memory.
    ///   - isAllocated: false for a pass that never runs, to learn what memory and operations it would take.
    package init(
        _ model: NVTCModel, height: Int, width: Int, phase: NVTCPhase, isTraining: Bool = true, isAllocated: Bool = true
    ) {
        let architecture = model.architecture
        self.height = height
        self.width = width
        self.phase = phase
        let multiple = architecture.alignment
        let (paddedHeight, paddedWidth) = (aligned(height, multiple), aligned(width, multiple))
        grids = model.grids(height: paddedHeight, width: paddedWidth)
        blocks = ImageBlocks(grid: grids[0], factor: architecture.stages[0].factor)
        tape = Tape(parameters: model.parameters, isTraining: isTraining, isAllocated: isAllocated)
        input = tape.input(rows: grids[0].rows, columns: blocks.columns)

        let latents = model.analyze(input, from: .pixels, grids: grids, on: tape)
        var layers: [Layer] = []
        reconstruction = model.synthesize(to: .pixels, grids: grids, on: tape) { [tape] at, own, prediction in
            guard phase.quantized[at.stage][at.layer] else { return nil }
            let terms = ProductQuantization.Terms(
                unconditional: tape.term("unconditional-bits.\(at.name)"),
                conditional: tape.term("conditional-bits.\(at.name)"), distance: tape.term("distance.\(at.name)"))
            let logits = phase.conditional ? prediction.map { own.logits($0, on: tape) } : nil
            let operation = own.quantize(
                latents[at.stage][at.layer], prediction: prediction, logits: logits, terms: terms, on: tape)
            layers.append(
                Layer(stage: at.stage, layer: at.layer, operation: operation, isConditional: logits != nil))
            return operation.result
        }
        self.layers = layers
        tape.pin(reconstruction)
        distortion = tape.term("squared-error")
        mask = AlignedBuffer(count: reconstruction.count)
        squaredError(reconstruction, input, mask: mask, term: distortion, on: tape)
        markPadding()
    }

    /// Sub-pixels of an image: what the objective is divided by.
    package var samples: Int { 3 * height * width }

    /// The objective per sub-pixel: rates + lambda (mean squared error + squared distances of the quantizers).
    ///
    /// Conditional rates are what is paid; the unconditional ones of later layers keep codewords in use.
    /// - Parameters:
    ///   - images: images of all micro-batches of a step together.
    ///   - quantizerWeight: beta / lambda, the weight of the quantizers' distances.
    /// - Source: NVTC paper, Eq. 4.
    package func setObjective(lambda: Double, images: Int, quantizerWeight: Double = 1) {
        let count = Double(images * samples)
        for layer in layers {
            layer.terms.unconditional.weight = 1 / count
            layer.terms.conditional.weight = layer.isConditional ? 1 / count : 0
            layer.terms.distance.weight = lambda * quantizerWeight / count
            layer.operation.rateWeight = phase.rateConstrained ? Float(1 / lambda) : 0
        }
        distortion.weight = lambda / count
    }

    /// Bits that the layers in use pay for the last image.
    package var bits: Double { layers.reduce(0) { $0 + $1.bits } }

    /// Mean squared error of the last image, per sub-pixel, without rounding to bytes.
    package var meanSquaredError: Double { distortion.value / Double(samples) }

    // MARK: Images

    /// Copies the image, or a part of it, into `input`; padding becomes zero.
    /// - Parameters:
    ///   - top, left: the part's first pixel.
    ///   - isFlipped: whether columns run from right to left.
    package func set(_ image: Image, top: Int = 0, left: Int = 0, isFlipped: Bool = false) {
        precondition(image.channels == 3 && top >= 0 && left >= 0)
        precondition(top + height <= image.height && left + width <= image.width)
        blocks.read(
            image, top: top, left: left, height: height, width: width, isFlipped: isFlipped, into: input.data)
    }

    /// The last reconstruction, cropped; values are not clamped.
    package var image: Image {
        var image = Image(
            width: width, height: height, channels: 3, samples: [Float](repeating: 0, count: samples))
        image.samples.withUnsafeMutableBufferPointer {
            blocks.write(
                reconstruction.data, height: height, width: width, to: $0.baseAddress!, width: width,
                plane: height * width)
        }
        return image
    }

    private func markPadding() {
        blocks.forEachPixel { index, y, x in
            let weight: Float = y < height && x < width ? 1 : 0
            for color in 0..<3 { mask[index + color] = weight }
        }
    }
}

func aligned(_ length: Int, _ multiple: Int) -> Int { (length + multiple - 1) / multiple * multiple }
