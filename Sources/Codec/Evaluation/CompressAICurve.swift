/// The mean curve of an evaluation in the form of CompressAI's benchmark, lowest rate first.
///
///     let curve = CompressAICurve(record, name: "NVTC small", description: "files of lloyd encode")
///     let json = try JSONEncoder().encode(curve)              // {"name", "description", "results": {"bpp": [..], ..}}
public struct CompressAICurve: Sendable, Encodable {
    /// The legend's words.
    public var name: String
    /// What was coded, and how.
    public var description: String
    /// Means over the images, one number for each point: "bpp" (bits per pixel), "psnr-rgb" (dB), "encoding_time" and
    /// "decoding_time" (seconds), and "ms-ssim-rgb" if every point has it.
    public var results: [String: [Double]]

    /// The curve of a record, sorted by rate.
    public init(_ record: EvaluationRecord, name: String, description: String) {
        self.name = name
        self.description = description
        let means = record.points.map(\.mean).sorted { $0.bitsPerPixel < $1.bitsPerPixel }
        results = [
            "bpp": means.map(\.bitsPerPixel), "psnr-rgb": means.map(\.psnr),
            "encoding_time": means.map(\.encodingSeconds), "decoding_time": means.map(\.decodingSeconds),
        ]
        let similarities = means.compactMap(\.msSSIM)
        if similarities.count == means.count { results["ms-ssim-rgb"] = similarities }
    }
}
