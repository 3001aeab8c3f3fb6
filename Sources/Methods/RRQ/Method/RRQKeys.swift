import MethodKit

/// RRQ's own keys.
struct RRQKeys: KeyGroup {
    let testFraction = Key(
        "data.test-fraction", .real(0...0.99), "Share of the items that is only tested on.",
        into: \RRQRecipe.Settings.testFraction)
    let groupByFolder = Key(
        "data.group-by-folder", .boolean,
        "Whether the images of a folder (a person) stay on one side of the split.",
        into: \RRQRecipe.Settings.groupByFolder)
    let memory = Key(
        "data.memory", .optionalPositive(1e9), default: nil,
        "Memory in MB (2^20 bytes) that the vectors and residuals of a rank may take, all sets together; what goes "
            + "beyond lies in a scratch file. null for no limit. Not part of the result.",
        isPartOfResult: false)
    let scratch = Key(
        "data.scratch", .optionalText,
        "Folder of the scratch files, one a rank, best on a disk of each node; null for TMPDIR, which batch systems "
            + "point to such a disk, or else /var/tmp. Not part of the result.",
        into: \RRQRecipe.Settings.scratchFolder, isPartOfResult: false)

    let cosine = Key(
        "preprocessing.cosine", .boolean, "Global 2D-DCT of images.", into: \RRQRecipe.Settings.preprocessing.cosine)
    let principalComponents = Key(
        "preprocessing.principal-components", .boolean, "A PCA in each sub-band.",
        into: \RRQRecipe.Settings.preprocessing.principalComponents)
    let bandSize = Key(
        "preprocessing.band-size", .integer(1...8192), "Coefficients in a sub-band.",
        into: \RRQRecipe.Settings.preprocessing.bandSize)

    let layers = Key(
        "rrq.layers", .integer(1...100_000), "L, the number of layers.", into: \RRQRecipe.Settings.training.layers)
    let codewords = Key(
        "rrq.codewords", .integer(2...(1 << 20)), "K, codewords in a layer.",
        into: \RRQRecipe.Settings.training.codewords)
    let lambda = Key(
        "rrq.lambda", .real(0...1e12), "Weight of the variance regularization (Eq. 3).",
        into: \RRQRecipe.Settings.training.lambda)
    let lambdaUnit = Key(
        "rrq.lambda-unit", .choice,
        "`absolute`: lambda as in Eq. 3; `water-level`: divided by gamma* of each layer, so that it acts alike at every "
            + "scale.",
        into: \RRQRecipe.Settings.training.lambdaUnit)
    let iterations = Key(
        "rrq.iterations", .integer(1...100_000), "Passes of VR-Kmeans in a layer.",
        into: \RRQRecipe.Settings.training.iterations)
    let initialization = Key(
        "rrq.initialization", .choice, "First codewords: training vectors, draws from N(0, S), or k-means++.",
        into: \RRQRecipe.Settings.training.initialization)

    let comparisonLayers = Key(
        "comparison.kmeans-layers", .integer(0...100_000),
        "Layers of plain K-means residual quantization to compare with; 0 for none.",
        into: \RRQRecipe.Settings.comparisonLayers)
    let superResolution = Key(
        "super-resolution.factor", .integerOrZero(64),
        "Restore test images that were down-sampled by this factor (Fig. 3); 0 for none.",
        into: \RRQRecipe.Settings.superResolutionFactor)
    let heldOut = Key(
        "super-resolution.held-out", .real(0...0.5), default: 0,
        "Share of the training images kept out of training to weigh frequencies; 0 leaves the calibrated restoration "
            + "out.")

    let snapshots = Key(
        "report.snapshots", .integers(1...100_000), default: [1, 5, 20, 50, 100],
        "Layers after which images are restored, shown and measured; the last layer always is.")

    init() {}
}

extension RRQRecipe.Settings: ConfigurableSettings {
    /// What a config says.
    /// - Throws: `ConfigError` for keys that do not fit together.
    init(_ config: Config) throws {
        let keys = RRQMethod.own
        self = config.settings()
        seed = config.seed
        training.snapshots = Set(config[keys.snapshots].filter { $0 <= training.layers } + [training.layers])
        pictures = config[Keys.pictures.pictures]
        memoryBudget = config[keys.memory].map { Int($0 * Double(1 << 20)) }
        guard let factor = superResolutionFactor else { return }
        guard factor >= 2 else {
            throw config.fault(keys.superResolution, "found 1", remedy: "give 0 for none, or at least 2")
        }
        guard testFraction > 0 else {
            throw config.fault(
                keys.superResolution, "needs test images, but \(keys.testFraction) is 0",
                remedy: "set \(keys.testFraction), such as 0.2")
        }
        guard preprocessing.cosine else {
            throw config.fault(
                keys.superResolution, "needs frequencies, but \(keys.cosine) is false",
                remedy: "set \(keys.cosine) to true")
        }
        calibrationFraction = config[keys.heldOut]
    }
}
