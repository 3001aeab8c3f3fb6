import Datasets
import Training

extension RRQRecipe.Settings {
    /// The transform of a run on such vectors, still to be fitted.
    /// - Throws: `LloydError.unusable` for images so long and narrow that their cosine transform takes far more memory
    ///   than they do.
    func makeTransform(shape: ImageShape?, dimension: Int) throws -> DecorrelatingTransform {
        var own = preprocessing
        if own.lowFrequencyFactor == nil { own.lowFrequencyFactor = superResolutionFactor }
        if let shape, own.cosine, !CosineTransform.isProportionate(width: shape.width, height: shape.height) {
            throw LloydError.unusable(
                key: "preprocessing.cosine",
                problem: "the cosine transform of images of \(shape) takes "
                    + "\(CosineTransform.basisCount(width: shape.width, height: shape.height) >> 18) MiB",
                remedy: "set preprocessing.cosine to false, or cut the images into pieces that are less long")
        }
        return DecorrelatingTransform(shape: shape, dimension: dimension, settings: own)
    }
}
