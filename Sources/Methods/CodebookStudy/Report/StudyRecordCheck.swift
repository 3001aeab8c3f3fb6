import MethodKit

extension RunRecordCheck {
    /// - Throws: `LloydError` naming the item that cannot be.
    func check(_ record: CodebookStudyRecord) throws {
        try require(Self.dimensions.contains(record.dimension), "dimension", "it is \(record.dimension)")
        try require((1...1 << 24).contains(record.codewords), "codewords", "there are \(record.codewords)")
        try require((1...1 << 20).contains(record.trials), "trials", "there are \(record.trials)")
        try require(
            [record.trainCount, record.testCount, record.activeDimensions].allSatisfy(Self.counts.contains),
            "trainCount", "a count is below zero or too large")
        try require(!record.table.isEmpty, "table", "the list is empty")
        try requireDimensions(record.sourceVariances, "sourceVariances", record)
        try requireDimensions(record.idealCodewordVariances, "idealCodewordVariances", record)
        try requireDimensions(record.idealDistortions, "idealDistortions", record)
        for (index, row) in record.table.enumerated() {
            try require(
                row.trainRange.count == 2 && row.testRange.count == 2, "table[\(index)]",
                "a range does not have two ends")
        }
        for (index, curves) in record.curves.enumerated() {
            for values in [curves.codebookVariances, curves.trainDistortions, curves.testDistortions] {
                try requireDimensions(values, "curves[\(index)]", record)
            }
        }
    }

    private func requireDimensions(_ values: [Double], _ item: String, _ record: CodebookStudyRecord) throws {
        try require(
            values.count == record.dimension, item, "it has \(values.count) values for \(record.dimension) dimensions")
    }
}
