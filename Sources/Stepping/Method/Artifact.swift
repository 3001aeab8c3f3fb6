/// A file that a training method wants written: the coordinator writes it, the others never ask.
public struct Artifact {
    /// Path within the run folder, such as "codebooks/layer-001.safetensors".
    public let path: String
    /// Writes the file at the full path it is given.
    public let write: (_ fullPath: String) throws -> Void

    /// Whether the file is no result by itself: an earlier run that is being replaced stays until something else is there.
    public let isPreparation: Bool

    public init(path: String, isPreparation: Bool = false, write: @escaping (String) throws -> Void) {
        self.path = path
        self.isPreparation = isPreparation
        self.write = write
    }
}

extension TrainingMethod {
    /// Files that are due since the last call. Asked of the coordinator's method after every step.
    public func takeArtifacts() -> [Artifact] { [] }
}
