import Datasets

/// Keys of the data that several methods read. A method lists the groups that it uses.
public struct DataKeys: KeyGroup {
    /// The key `data.source`.
    public let source = Key(
        "data.source", Values<DataSource>.choice, default: .deadLeaves,
        "`images`: PNG, JPEG, PGM or PPM files in a folder or in tar files; `vectors`: an .npy or .fvecs file; "
            + "`dead-leaves`: built-in images; `gaussian`: built-in vectors with decaying variances.")
    /// The key `data.path`.
    public let path = Key(
        "data.path", .optionalText, default: nil,
        "The file of `vectors`; of `images` a folder, a .tar file, a folder of .tar files, or a pattern such as "
            + "shards-{000..012}.tar (WebDataset's layout: what is no image in them is passed over).",
        namesData: { [.images, .vectors].contains($0[Keys.data.source]) })
    /// The key `data.damaged`.
    public let damaged = Key(
        "data.damaged", Values<DamagePolicy>.choice, default: .error,
        "What becomes of images that are damaged or no form that is read: `error` ends the run when one is met; `skip` "
            + "decodes every image once before training (ranks and threads share them) and leaves the damaged ones "
            + "out, as if they were not there. They are named at the start and in record.json. An image that the "
            + "system cannot give is an error in any case.")
    /// The key `data.count`.
    public let count = Key(
        "data.count", .integer(1...(1 << 40)), default: 2000, "Items of a built-in source.")
    /// The key `data.width`.
    public let width = Key(
        "data.width", .integer(8...16384), default: 64, "Width of dead-leaves images in pixels.")
    /// The key `data.height`.
    public let height = Key(
        "data.height", .integer(8...16384), default: 64, "Height of dead-leaves images in pixels.")
    public init() {}
}

/// Where data come from: the values of `data.source`.
public enum DataSource: String, CaseIterable, Sendable {
    case images, vectors
    case deadLeaves = "dead-leaves"
    case gaussian
}

/// What becomes of damaged images: the values of `data.damaged`.
public enum DamagePolicy: String, CaseIterable, Sendable {
    case error, skip
}

/// Keys of the built-in Gaussian vectors.
public struct GaussianKeys: KeyGroup {
    /// The key `data.dimension`.
    public let dimension = Key(
        "data.dimension", .integer(1...(1 << 24)), default: 1000, "Dimension of the Gaussian source.")
    /// The key `data.decay`.
    public let decay = Key(
        "data.decay", .real(0...1000), default: 0.01, "Variance of dimension j = 1, 2, ... is exp(-decay j).")
    public init() {}
}

/// How images are read.
public struct ColorKeys: KeyGroup {
    /// The key `data.colour`.
    public let color = Key("data.colour", Values<ImageFolder.Color>.choice, default: .gray, "How images are read.")
    public init() {}
}

/// Keys of checkpoints, for methods that can go on from them.
public struct CheckpointKeys: KeyGroup {
    /// The key `checkpoint.minutes`.
    public let minutes = Key(
        "checkpoint.minutes", .optionalPositive(1e6), default: 10,
        "Minutes between checkpoints, which --resume goes on from; null for no such rule. Parts of a run that are finished "
            + "are kept besides. May change when a run is resumed.",
        isPartOfResult: false)
    /// The key `checkpoint.steps`.
    public let steps = Key(
        "checkpoint.steps", .integer(0...(1 << 40)), default: 0,
        "Steps between checkpoints; 0 for no such rule. May change when a run is resumed.", isPartOfResult: false)
    /// The key `checkpoint.kept`.
    public let kept = Key(
        "checkpoint.kept", .integer(2...1_000_000), default: 2,
        "The newest so many checkpoints stay, older ones are removed. May change when a run is resumed.",
        isPartOfResult: false)
    public init() {}
}

/// Keys of reports that show pictures.
public struct PictureKeys: KeyGroup {
    /// The key `report.pictures`.
    public let pictures = Key(
        "report.pictures", .integer(0...64), default: 4,
        "Test or validation images that are kept as pictures and shown.")
    public init() {}
}

/// Keys of reports that draw published curves.
public struct AnchorKeys: KeyGroup {
    /// The key `report.anchors`.
    public let anchors = Key(
        "report.anchors", .optionalText, default: nil,
        "Published curves to compare with: one JSON file, or a folder of files in CompressAI's form, for a toy source "
            + "SOURCE_Nd_METHOD.json. Relative to the config's folder or, where it is not there, to the working "
            + "directory; the run keeps a copy of what concerns it as anchors.json.")
    public init() {}
}

/// The shared groups, and the general keys, by name: `Keys.data.path`, `Keys.general.seed`.
public enum Keys {
    /// Keys of every run; the method's names are in `Schema.general`.
    public static let general = GeneralKeys()
    /// `data.…`, of methods that read images or vectors.
    public static let data = DataKeys()
    /// `data.dimension` and `data.decay`.
    public static let gaussian = GaussianKeys()
    /// `data.colour`.
    public static let color = ColorKeys()
    /// `checkpoint.…`, of methods that can continue an interrupted run.
    public static let checkpoint = CheckpointKeys()
    /// `report.pictures`.
    public static let pictures = PictureKeys()
    /// `report.anchors`.
    public static let anchors = AnchorKeys()

    /// The keys of `Config.makeVectors()`.
    public static let vectors: [any ConfigKey] = data.all + color.all + gaussian.all
}
