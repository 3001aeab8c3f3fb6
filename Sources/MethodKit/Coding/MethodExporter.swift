/// How what a method has trained is handed to other programs.
public protocol MethodExporter {
    /// Whether some input is of this method: a run folder, or a file in it.
    static func holds(_ inputs: [String]) -> Bool
    /// - Throws: `LloydError` for an input that is damaged or an output that cannot be written.
    static func export(_ request: ExportRequest) throws -> ExportResult
}

/// What `lloyd export` is asked to write.
public struct ExportRequest {
    /// What files are written.
    public enum Format: String, CaseIterable, Sendable {
        case npy, safetensors
    }

    /// Run folders, or files in them.
    public var inputs: [String]
    /// Where the files go; made if it is not there.
    public var folder: String
    /// What files are written.
    public var format: Format
    /// Whole codewords, zeros included.
    public var dense: Bool
    /// Only these layers; nil for all.
    public var layers: Set<Int>?
    /// Whether files that exist are replaced; otherwise they are an error.
    public var overwriting: Bool

    public init(
        inputs: [String], folder: String, format: Format, dense: Bool, layers: Set<Int>?, overwriting: Bool
    ) {
        (self.inputs, self.folder, self.format) = (inputs, folder, format)
        (self.dense, self.layers, self.overwriting) = (dense, layers, overwriting)
    }
}

/// What was exported.
public struct ExportResult {
    /// For people: "3 models to out: out/a.safetensors first."
    public var summary: String
    /// For `--json`.
    public var list: any Encodable

    public init(summary: String, list: any Encodable) {
        self.summary = summary
        self.list = list
    }
}
