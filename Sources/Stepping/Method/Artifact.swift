/// A file that a training method wants to be written. Only the coordinator asks for them.
public struct Artifact {
    /// Path within the run folder, such as "codebooks/layer-001.safetensors".
    public let path: String
    /// Writes the file at the full path that it is given.
    public let write: (_ fullPath: String) throws -> Void

    /// Whether the file is not a result by itself: an earlier run that is being replaced is kept until there is one.
    public let isPreparation: Bool

    /// - Parameters:
    ///   - path: path within the run folder.
    ///   - isPreparation: whether the file is not a result by itself.
    ///   - write: writes the file at the full path that it is given.
    public init(path: String, isPreparation: Bool = false, write: @escaping (String) throws -> Void) {
        self.path = path
        self.isPreparation = isPreparation
        self.write = write
    }
}

extension TrainingMethod {
    /// None.
    public func takeArtifacts() -> [Artifact] { [] }
}
