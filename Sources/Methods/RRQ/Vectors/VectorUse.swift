/// A set of vectors that an RRQ run holds, by what it is for. The order is that in which a run makes them.
enum VectorUse: CaseIterable {
    /// What layers are trained on; becomes their residuals.
    case train
    /// What is only encoded; becomes residuals, too.
    case test
    /// The test images in low resolution: what super-resolution starts from.
    case bicubic
    /// The same, their interpolation corrected.
    case views
    /// Training images that no layer is trained on: they weigh frequencies in super-resolution.
    case heldOut
    /// The same in low resolution, their interpolation corrected.
    case heldOutViews
    /// `bicubic`, encoded layer by layer.
    case plain
    /// `views`, encoded layer by layer by their low frequencies.
    case guided
    /// `heldOutViews`, encoded in the same way.
    case heldOutGuided
    /// The test images before any layer.
    case originals
    /// Pixels of the test images, which restored ones are compared with.
    case pixels
    /// The active entries of the training residuals, side by side.
    case activeEntries
    /// The training vectors once more, for the K-means that the run is compared with.
    case comparedTrain
    /// The test vectors once more, for the same.
    case comparedTest
}

extension VectorUse {
    /// The items that a set is made of.
    enum Items { case train, test, heldOut }

    var items: Items {
        switch self {
        case .train, .activeEntries, .comparedTrain: .train
        case .test, .bicubic, .views, .plain, .guided, .originals, .pixels, .comparedTest: .test
        case .heldOut, .heldOutViews, .heldOutGuided: .heldOut
        }
    }

    /// When a set is made.
    enum Stage {
        /// Before pre-processing, which all of these go through.
        case loading
        /// After it, before the first layer: copies of loaded sets.
        case copying
        /// As needed while layers are trained and measured.
        case training
        /// After the last layer.
        case comparison
    }

    var stage: Stage {
        switch self {
        case .train, .test, .bicubic, .views, .heldOut, .heldOutViews: .loading
        case .plain, .guided, .heldOutGuided, .originals: .copying
        case .pixels, .activeEntries: .training
        case .comparedTrain, .comparedTest: .comparison
        }
    }

    /// Whether the layers of the run encode it, and it becomes residuals.
    var isEncoded: Bool {
        switch self {
        case .train, .test, .plain, .guided, .heldOutGuided: true
        default: false
        }
    }
}
