/// The mean curve of an evaluation in the form of CompressAI's benchmark, lowest rate first.
///
///     let curve = CompressAICurve(record, name: "NVTC small", description: "files of lloyd encode")
///     try JSONEncoder().encode(curve)                         // {"name", "description", "results": {"bpp": [..], ..}}
public struct CompressAICurve: Sendable, Encodable {
    public var name: String
    public var description: String
    public var results: [String: [Double]]

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
