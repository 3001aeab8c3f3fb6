import Datasets
import MethodKit

/// The keys of the toy-source study.
struct ToyKeys: KeyGroup {
    let source = Key(
        "toy.source", .choice(ToySource.Name.allCases.map(\.rawValue)),
        "The source; normaliid and laplaceiid come in any dimension, the others in two.", into: \ToySettings.source)
    let dimension = Key(
        "toy.dimension", .integer(1...ToySource.largestDimension), "Components of a vector.",
        into: \ToySettings.dimension)
    let methods = Key(
        "toy.methods", .choices(),
        "What is compared: `vq`, K-means codebooks; `ecvq`, entropy-constrained ones; `ntc`, scalar quantization "
            + "between learned transforms; `ntvq` and `ntecvq`, the two kinds of codebook between such transforms.",
        into: \ToySettings.methods)
    let testSamples = Key(
        "toy.test-samples", .integer(1...most), "Samples that every point is measured on.",
        into: \ToySettings.testSamples)
    let pictureLambda = Key(
        "toy.picture-lambda", .optionalPositive(largest),
        "The point of each method nearest to this lambda gets a picture of its cells in 2-D; null for none.",
        into: \ToySettings.pictureLambda)

    let vqCodewords = Key(
        "vq.codewords", .integers(1...(1 << 20)), "K of each point of VQ.", into: \ToySettings.vq.codewords)
    let vqSamples = Key(
        "vq.samples", .integer(1...most), "Training samples of VQ.", into: \ToySettings.vq.samples)
    let vqIterations = Key(
        "vq.iterations", .integer(1...100_000), "Most passes of VQ over its samples.", into: \ToySettings.vq.iterations)
    let ecvqLambdas = Key(
        "ecvq.lambdas", .positives(largest),
        "A point of ECVQ for each: weight of the mean squared error against bits, both per dimension.",
        into: \ToySettings.ecvq.lambdas)
    let ecvqCodewords = Key(
        "ecvq.codewords", .integer(1...(1 << 22)), "Codewords that a codebook of ECVQ may have.",
        into: \ToySettings.ecvq.codewords)
    let ecvqSamples = Key(
        "ecvq.samples", .integerOrZero(most), "Samples of a pass of ECVQ; 0 for as many as the codewords need.",
        into: \ToySettings.ecvq.samples)
    let ecvqFinalSamples = Key(
        "ecvq.final-samples", .integerOrZero(most),
        "Samples of each of the two last passes of ECVQ, which learn the tails; 0 for many.",
        into: \ToySettings.ecvq.finalSamples)
    let ecvqPasses = Key(
        "ecvq.passes", .integer(1...100_000),
        "Most passes of the main alternation of ECVQ, which ends when a pass gains less than a millionth.",
        into: \ToySettings.ecvq.passes)
    let ntcLambdas = Key(
        "ntc.lambdas", .positives(largest), "A point of NTC for each.", into: \ToySettings.ntcLambdas)
    let ntvqCodewords = Key(
        "ntvq.codewords", .integers(1...(1 << 20)), "K of each point of NT-VQ.", into: \ToySettings.ntvqCodewords)
    let ntecvqLambdas = Key(
        "ntecvq.lambdas", .positives(largest), "A point of NT-ECVQ for each.", into: \ToySettings.ntecvqLambdas)

    let width = Key(
        "transform.width", .integer(1...16384),
        "Hidden width of the analysis and synthesis transforms (the paper: 192 in two dimensions, 384 in more).",
        into: \ToySettings.transform.width)
    let blocks = Key(
        "transform.blocks", .integer(0...64), "Residual blocks of each transform.", into: \ToySettings.transform.blocks)
    let batch = Key(
        "transform.batch", .integer(1...(1 << 24)), "Samples of a gradient step.", into: \ToySettings.transform.batch)
    let microBatch = Key(
        "transform.micro-batch", .integer(1...(1 << 24)),
        "Samples whose gradients are computed at once; divides the batch. Part of the result: another number gives "
            + "other roundings.",
        into: \ToySettings.transform.microBatch)
    let steps = Key(
        "transform.steps", .integer(1...1_000_000_000), "Gradient steps of the first point of a curve.",
        into: \ToySettings.transform.steps)
    let starts = Key(
        "transform.starts", .integer(1...1000),
        "Models that are trained briefly for the first point from different weights; the best is trained further.",
        into: \ToySettings.transform.starts)
    let startSteps = Key(
        "transform.start-steps", .integer(1...1_000_000_000), "Gradient steps of each of them.",
        into: \ToySettings.transform.startSteps)
    let warmSteps = Key(
        "transform.warm-steps", .integer(1...1_000_000_000),
        "Gradient steps of each further point, which starts from its neighbor.",
        into: \ToySettings.transform.warmSteps)
    let learningRate = Key(
        "transform.learning-rate", .positive(largest),
        "Adam's learning rate at its peak; it rises over 100 steps and falls as half a cosine to 0.",
        into: \ToySettings.transform.learningRate)
    let firstLambda = Key(
        "transform.first-lambda", .positive(largest),
        "The lambda nearest to this one is trained first; from there lambda rises, then falls, each point starting "
            + "from its neighbor.",
        into: \ToySettings.transform.firstLambda)
    let densityRate = Key(
        "transform.density-rate", .positive(largest),
        "The learning rate of the learned densities, relative to that of the transforms.",
        into: \ToySettings.transform.densityRateFactor)
    let clipping = Key(
        "transform.clipping", .positive(largest), "The norm that the gradient of the transforms is cut to.",
        into: \ToySettings.transform.clipping)
    let residualGain = Key(
        "transform.residual-gain", .real(0...100),
        "How large the residual blocks start, relative to the usual; transforms start as the identity plus these.",
        into: \ToySettings.transform.residualGain)
    let roundingShare = Key(
        "transform.rounding-share", .real(0...100),
        "Further steps of NTC that train the decoder alone on rounded latents, relative to the steps with noise.",
        into: \ToySettings.transform.roundingShare)
    let roundingRate = Key(
        "transform.rounding-rate", .positive(largest), "Their learning rate, relative to the peak.",
        into: \ToySettings.transform.roundingRate)
    let codebookSteps = Key(
        "transform.codebook-steps", .integer(1...1_000_000_000),
        "Gradient steps of a point of NT-VQ or NT-ECVQ, which starts from a codebook trained on the source.",
        into: \ToySettings.transform.codebookSteps)
    let codebookRate = Key(
        "transform.codebook-rate", .positive(largest), "Their learning rate at its peak.",
        into: \ToySettings.transform.codebookRate)

    /// Largest lambda and learning rate: far beyond what makes sense, and far from what overflows.
    private static let largest = 1e9
    private static let most = 1 << 40

    init() {}
}
