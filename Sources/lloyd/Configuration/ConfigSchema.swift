/// One key of a config: its place, the values it takes, its default, its meaning. The one source of parsing, of the
/// resolved config, of the table at the start of a run and of `lloyd keys`.
struct ConfigKey {
    let path: String
    let kind: ConfigKind
    let fallback: ConfigValue
    let meaning: String
    /// The methods that use the key; empty for all.
    let methods: [String]
    /// Whether another value gives another result; a run may be resumed with another value of a key that is not.
    let isPartOfResult: Bool

    init(
        _ path: String, _ kind: ConfigKind, _ fallback: ConfigValue, _ meaning: String, methods: [String] = [],
        isPartOfResult: Bool = true
    ) {
        self.path = path
        self.kind = kind
        self.fallback = fallback
        self.meaning = meaning
        self.methods = methods
        self.isPartOfResult = isPartOfResult
    }
}

/// All keys there are.
enum ConfigSchema {
    static let rrq = "rrq"
    static let study = "codebook-study"
    static let toy = "toy"
    static let nvtc = "nvtc"
    static let methods = [rrq, study, toy, nvtc]

    static let keys: [ConfigKey] =
        general + data + preprocessing + training + comparison + codebookStudy + toySources + vectorTransformCoding
        + checkpoint + report

    private static let large = 1 << 40

    private static let general = [
        ConfigKey(
            "method", .choice(methods), .text(rrq),
            "What is trained: `rrq`, layers of codebooks on data; "
                + "`codebook-study`, single codebooks on a Gaussian source (Table I, Fig. 1 of the RRQ paper); "
                + "`toy`, vector quantizers and transform coding on a toy source (section 3 of the NVTC paper); or "
                + "`nvtc`, an image codec by nonlinear vector transform coding (sections 4 and 5)."),
        ConfigKey("title", .text, .text("Lloyd run"), "Heading of the report."),
        ConfigKey("seed", .integer(0...Int.max), .integer(1), "Seed of every random draw."),
        ConfigKey(
            "shards", .integer(1...65536), .integer(64),
            "Pieces the data are cut into; at most so many ranks can "
                + "take part. Part of the result: another number gives other roundings."),
    ]

    private static let data = [
        ConfigKey(
            "data.source", .choice(["images", "vectors", "dead-leaves", "gaussian"]), .text("dead-leaves"),
            "`images`: PNG, JPEG, PGM or PPM files in a folder or in tar files; `vectors`: an .npy or .fvecs file; "
                + "`dead-leaves`: built-in images; `gaussian`: built-in vectors with decaying variances.",
            methods: [rrq, nvtc]),
        ConfigKey(
            "data.path", .optionalText, .none,
            "The file of `vectors`; of `images` a folder, a .tar file, a folder of .tar files, or a pattern such as "
                + "shards-{000..012}.tar (WebDataset's layout: what is no image in them is passed over).",
            methods: [rrq, nvtc]),
        ConfigKey(
            "data.damaged", .choice(["error", "skip"]), .text("error"),
            "What becomes of images that are damaged or no form that is read: `error` ends the run when one is met; `skip` "
                + "decodes every image once before training (ranks and threads share them) and leaves the damaged ones "
                + "out, as if they were not there. They are named at the start and in record.json. An image that the "
                + "system cannot give is an error in any case.", methods: [rrq, nvtc]),
        ConfigKey("data.colour", .choice(["grey", "rgb"]), .text("grey"), "How images are read.", methods: [rrq]),
        ConfigKey(
            "data.count", .integer(1...large), .integer(2000), "Items of a built-in source.", methods: [rrq, nvtc]),
        ConfigKey(
            "data.width", .integer(8...16384), .integer(64), "Width of dead-leaves images in pixels.",
            methods: [rrq, nvtc]),
        ConfigKey(
            "data.height", .integer(8...16384), .integer(64), "Height of dead-leaves images in pixels.",
            methods: [rrq, nvtc]),
        ConfigKey(
            "data.dimension", .integer(1...(1 << 24)), .integer(1000), "Dimension of the Gaussian source.",
            methods: [rrq, study]),
        ConfigKey(
            "data.decay", .real(0...1000), .real(0.01), "Variance of dimension j = 1, 2, ... is exp(-decay j).",
            methods: [rrq, study]),
        ConfigKey(
            "data.test-fraction", .real(0...0.99), .real(0.2), "Share of the items that is only tested on.",
            methods: [rrq]),
        ConfigKey(
            "data.group-by-folder", .boolean, .boolean(false),
            "Whether the images of a folder (a person) stay on "
                + "one side of the split.", methods: [rrq]),
        ConfigKey(
            "data.memory", .optionalPositive(1e9), .none,
            "Memory in MB (2^20 bytes) that the vectors and residuals of a rank may take, all sets together; what goes "
                + "beyond lies in a scratch file. null for no limit. Not part of the result.", methods: [rrq],
            isPartOfResult: false),
        ConfigKey(
            "data.scratch", .optionalText, .none,
            "Folder of the scratch files, one a rank, best on a disk of each node; null for TMPDIR, which batch systems "
                + "point to such a disk, or else /var/tmp. Not part of the result.", methods: [rrq],
            isPartOfResult: false),
    ]

    private static let preprocessing = [
        ConfigKey("preprocessing.cosine", .boolean, .boolean(true), "Global 2D-DCT of images.", methods: [rrq]),
        ConfigKey(
            "preprocessing.principal-components", .boolean, .boolean(true), "A PCA in each sub-band.",
            methods: [rrq]),
        ConfigKey(
            "preprocessing.band-size", .integer(1...8192), .integer(512), "Coefficients in a sub-band.",
            methods: [rrq]),
    ]

    private static let training = [
        ConfigKey("rrq.layers", .integer(1...100_000), .integer(20), "L, the number of layers.", methods: [rrq]),
        ConfigKey("rrq.codewords", .integer(2...(1 << 20)), .integer(256), "K, codewords in a layer.", methods: [rrq]),
        ConfigKey(
            "rrq.lambda", .real(0...1e12), .real(10), "Weight of the variance regularization (Eq. 3).",
            methods: [rrq]),
        ConfigKey(
            "rrq.lambda-unit", .choice(["absolute", "water-level"]), .text("water-level"),
            "`absolute`: lambda as "
                + "in Eq. 3; `water-level`: divided by gamma* of each layer, so that it acts alike at every scale.",
            methods: [rrq]),
        ConfigKey(
            "rrq.iterations", .integer(1...100_000), .integer(8), "Passes of VR-Kmeans in a layer.",
            methods: [rrq]),
        ConfigKey(
            "rrq.initialization", .choice(["samples", "gaussian", "k-means++"]), .text("samples"),
            "First "
                + "codewords: training vectors, draws from N(0, S), or k-means++.", methods: [rrq]),
    ]

    private static let comparison = [
        ConfigKey(
            "comparison.kmeans-layers", .integer(0...100_000), .integer(0),
            "Layers of plain K-means residual "
                + "quantization to compare with; 0 for none.", methods: [rrq]),
        ConfigKey(
            "super-resolution.factor", .integer(0...64), .integer(0),
            "Restore test images that were down-sampled "
                + "by this factor (Fig. 3); 0 for none.", methods: [rrq]),
        ConfigKey(
            "super-resolution.held-out", .real(0...0.5), .real(0),
            "Share of the training images kept out of "
                + "training to weigh frequencies; 0 leaves the calibrated restoration out.", methods: [rrq]),
    ]

    private static let codebookStudy = [
        ConfigKey(
            "study.trials", .integer(1...10_000), .integer(5), "Trials that the table is the mean of.",
            methods: [study]),
        ConfigKey(
            "study.train-count", .integer(1...large), .integer(1000), "Training vectors of a trial.",
            methods: [study]),
        ConfigKey(
            "study.test-count", .integer(1...large), .integer(1000), "Test vectors of a trial.",
            methods: [study]),
        ConfigKey("study.codewords", .integer(2...(1 << 20)), .integer(256), "K.", methods: [study]),
        ConfigKey(
            "study.lambdas", .reals(0...1e12), .reals([0.1, 10, 1000]), "VR-Kmeans is trained with each of these.",
            methods: [study]),
        ConfigKey(
            "study.iterations", .integer(1...100_000), .integer(30), "Most passes of K-means and VR-Kmeans.",
            methods: [study]),
        ConfigKey(
            "study.initialization", .choice(["samples", "gaussian", "k-means++"]), .text("samples"),
            "First "
                + "codewords of VR-Kmeans; K-means starts from samples, or k-means++ where that is asked for.",
            methods: [study]),
    ]

    private static let checkpoint = [
        ConfigKey(
            "checkpoint.minutes", .optionalPositive(1e6), .real(10),
            "Minutes between checkpoints, which --resume goes on from; null for no such rule. RRQ and toy sources also go "
                + "on from every layer or point that is finished. May change when a run is resumed.",
            methods: [rrq, toy, nvtc], isPartOfResult: false),
        ConfigKey(
            "checkpoint.steps", .integer(0...large), .integer(0),
            "Steps between checkpoints; 0 for no such rule. May change when a run is resumed.",
            methods: [rrq, toy, nvtc], isPartOfResult: false),
        ConfigKey(
            "checkpoint.kept", .integer(2...1_000_000), .integer(2),
            "The newest so many checkpoints stay, older ones are removed. May change when a run is resumed.",
            methods: [rrq, toy, nvtc], isPartOfResult: false),
    ]

    private static let report = [
        ConfigKey(
            "report.snapshots", .integers(1...100_000), .integers([1, 5, 20, 50, 100]),
            "Layers after which images "
                + "are restored, shown and measured; the last layer always is.", methods: [rrq]),
        ConfigKey(
            "report.pictures", .integer(0...64), .integer(4),
            "Test or validation images that are kept as pictures and shown.", methods: [rrq, nvtc]),
        ConfigKey(
            "report.anchors", .optionalText, .none,
            "Published curves to compare with: one JSON file, or a folder of files in CompressAI's form, for a toy source "
                + "SOURCE_Nd_METHOD.json. Relative to the config's folder or, where it is not there, to the working "
                + "directory; the run keeps a copy of what concerns it as anchors.json.", methods: [toy, nvtc]),
    ]

    /// The key most like `path`, for "did you mean".
    static func suggestion(for path: String) -> String? {
        let scored = keys.map { ($0.path, editDistance(path, $0.path)) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(3, path.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions and replacements that turn one text into the other (Levenshtein 1966).
    static func editDistance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        var row = Array(0...b.count)
        for i in 1..<a.count + 1 {
            var diagonal = row[0]
            row[0] = i
            for j in 1..<b.count + 1 {
                let above = row[j]
                row[j] = min(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
