import Codec

/// Table 3 of the NVTC paper: how long coding takes, and what of it is for which part of the work.
///
///     EvaluationTimes([(name: "NVTC small", record: record)]).table
package struct EvaluationTimes {
    /// By the names that the report gives them.
    package let evaluations: [(name: String, record: EvaluationRecord)]

    package init(_ evaluations: [(name: String, record: EvaluationRecord)]) { self.evaluations = evaluations }

    private static let total = "total"
    /// The paper's parts in the order of encoding; others follow by name.
    private static let known = CodingTimes.parts

    /// Mean seconds of an image over all settings, by part.
    private static func means(
        _ record: EvaluationRecord, _ seconds: KeyPath<EvaluationRecord.ImageResult, [String: Double]>
    ) -> (total: Double, parts: [String: Double]) {
        let images = record.points.flatMap(\.images)
        var sums: [String: Double] = [:]
        for image in images {
            for (part, value) in image[keyPath: seconds] { sums[part, default: 0] += value / Double(images.count) }
        }
        let parts = sums.filter { $0.key != total }
        return (parts.isEmpty ? sums[total] ?? 0 : parts.values.reduce(0, +), parts)
    }

    /// Two rows for each evaluation: encoding and decoding.
    package var table: ReportTable {
        let rows = evaluations.flatMap { name, record in
            [("encoding", \EvaluationRecord.ImageResult.encodingSeconds), ("decoding", \.decodingSeconds)].map {
                (name: name, record: record, direction: $0.0, means: Self.means(record, $0.1))
            }
        }
        let found = Set(rows.flatMap(\.means.parts.keys))
        let parts = Self.known.filter(found.contains) + found.subtracting(Self.known).sorted()
        let megapixels = evaluations.map { _, record -> Double in
            let images = record.points[0].images
            return images.reduce(0) { $0 + Double($1.width) * Double($1.height) } / Double(images.count) / 1e6
        }
        let processors = Set(evaluations.compactMap(\.record.processor)).sorted()
        return ReportTable(
            columns: [.init("Codec"), .init("Direction"), .init("Total", unit: "s", decimals: 3)]
                + parts.map { .init($0.prefix(1).uppercased() + $0.dropFirst(), unit: "s", decimals: 3) }
                + [.init("Ranks × threads")],
            rows: rows.map { row in
                [.text(row.name), .text(row.direction), .number(row.means.total)]
                    + parts.map { row.means.parts[$0].map { .number($0) } ?? .empty }
                    + [.text("\(row.record.ranks ?? 1) × \(row.record.threads ?? 1)")]
            },
            caption:
                "As Table 3 of the NVTC paper: seconds for an image of "
                + "\(NumberText.short(megapixels.reduce(0, +) / Double(max(1, megapixels.count)), significant: 2)) megapixels, "
                + "mean over images and settings."
                + (processors.isEmpty ? "" : " On \(processors.joined(separator: "; "))."))
    }
}
