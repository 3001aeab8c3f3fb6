import Foundation

/// Every image of a data set, damaged ones too: for checks, and to find those that must be left out.
///
///     let inventory = try ImageInventory("photos.tar")
///     for index in 0..<inventory.count {
///         if let reason = try inventory.examine(index).damage { print(inventory.name(index), reason) }
///     }
public struct ImageInventory: Sendable {
    /// The path as it was given, without a slash at its end.
    public let path: String
    private let images: any EncodedImages
    private let pixelLimit: Int

    /// What is known about an image after it was read.
    public struct Finding: Sendable {
        /// The header; nil if it is damaged, too.
        public var header: ImageHeader?
        /// Bytes of its file.
        public var bytes: Int
        /// The same for files of the same bytes.
        public var fingerprint: UInt64
        /// Why it cannot be decoded; nil for a whole image.
        public var damage: String?
    }

    /// Lists the images.
    /// - Parameter path: a folder of images, a tar file, a folder of tar files, or a pattern of them.
    /// - Throws: `LloydError` if there are none, and for damage that makes images unknown (a tar file's headers).
    public init(_ path: String, pixelLimit: Int = ImageHeader.defaultPixelLimit) throws {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.pixelLimit = pixelLimit
        images = try openImages(self.path)
    }

    /// Images, damaged ones too.
    public var count: Int { images.count }
    /// The image's path within the folder or tar file.
    public func file(_ index: Int) -> String { images.file(index) }
    /// The name of the image in messages: its path as it can be opened.
    public func name(_ index: Int) -> String { images.itemName(index) }

    /// Reads an image, every pixel of it.
    /// - Throws: `LloydError` if the system cannot give its bytes, or memory for it: that is not damage.
    public func examine(_ index: Int) throws -> Finding {
        let bytes = try images.bytes(index)
        var hash = Fingerprint()
        hash.add(Data(bytes))
        var finding = Finding(header: nil, bytes: bytes.count, fingerprint: hash.value, damage: nil)
        finding.damage = try damage {
            finding.header = try ImageHeader.read(path: name(index), size: bytes.count, pixelLimit: pixelLimit) {
                Array(bytes.prefix($0))
            }
            _ = try Image(encoded: bytes, name: name(index), pixelLimit: pixelLimit)
        }
        return finding
    }

    /// Reads an image's header alone.
    /// - Returns: why it cannot be understood; nil if it can.
    /// - Throws: `LloydError` as `examine`.
    public func examineHeader(_ index: Int) throws -> String? {
        try damage { _ = try images.header(index, pixelLimit: pixelLimit) }
    }

    private func damage(_ body: () throws -> Void) throws -> String? {
        do {
            try body()
            return nil
        } catch let error as LloydError where error.kind == .damaged {
            return error.problem
        }
    }
}

/// An image that is left out of a data set because it is damaged.
public struct DamagedImage: Sendable, Codable, Equatable {
    /// Its number among all images of the data set, in their order.
    public var index: Int
    /// Its path within the folder or tar file.
    public var file: String
    /// What is wrong with it.
    public var reason: String

    /// - Parameters:
    ///   - index: its number among all images of the data set, in their order.
    ///   - file: its path within the folder or tar file.
    ///   - reason: what is wrong with it.
    public init(index: Int, file: String, reason: String) {
        self.index = index
        self.file = file
        self.reason = reason
    }
}

/// Images without some of them, as if these were not there.
struct SelectedImages: EncodedImages {
    private let base: any EncodedImages
    private let taken: [Int]

    /// - Throws: `LloydError` if none would be left.
    init(_ base: any EncodedImages, leavingOut damaged: Set<Int>, path: String) throws {
        self.base = base
        taken = (0..<base.count).filter { !damaged.contains($0) }
        guard !taken.isEmpty else {
            throw LloydError(
                path: path, problem: "holds only damaged images (\(base.count))",
                remedy: "see what is wrong with them: lloyd check \(path)")
        }
    }

    var count: Int { taken.count }
    func file(_ index: Int) -> String { base.file(taken[index]) }
    func itemName(_ index: Int) -> String { base.itemName(taken[index]) }
    func bytes(_ index: Int) throws -> [UInt8] { try base.bytes(taken[index]) }
    func header(_ index: Int, pixelLimit: Int) throws -> ImageHeader {
        try base.header(taken[index], pixelLimit: pixelLimit)
    }
    func image(_ index: Int, pixelLimit: Int) throws -> Image { try base.image(taken[index], pixelLimit: pixelLimit) }
}
