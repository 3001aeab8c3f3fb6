import Datasets
import Quantization

extension ToySamples: VectorDraws {
    /// As many as anybody asks for.
    public var count: Int? { nil }
}
