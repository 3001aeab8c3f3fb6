import Datasets

/// How a method opens its data: finding damaged images, if those are left out, and saying what was found.
///
///     let source = try config.makeVectors(opening)
public struct DataOpening {
    /// What was found in a data set that is not read as it lies in the files.
    public struct Finding {
        /// The data set, as the config names it.
        public var path: String
        /// Images that are left out.
        public var damaged: [DamagedImage]
        /// How many images were turned upright.
        public var turned: Int
    }

    /// Finds damaged images.
    public var search: DamagedImageSearch
    /// Called on every rank with what was found in each data set.
    public var onFound: (Finding) -> Void

    public init(
        search: DamagedImageSearch = DamagedImageSearch(), onFound: @escaping (Finding) -> Void = { _ in }
    ) {
        self.search = search
        self.onFound = onFound
    }

    /// Says what was found in a folder of images.
    public func tell(_ path: String, damaged: [DamagedImage], turned: Int) {
        onFound(Finding(path: path, damaged: damaged, turned: turned))
    }
}
