import MethodKit
import RRQ

extension RunRecordCheck {
    /// - Throws: `ReportingError` naming the item that cannot be.
    func check(_ record: CodebookStudyRecord) throws {
        try require(Self.dimensions.contains(record.dimension), "dimension", "it is \(record.dimension)")
        try require((1...1 << 24).contains(record.codewords), "codewords", "there are \(record.codewords)")
        try require((1...1 << 20).contains(record.trials), "trials", "there are \(record.trials)")
        try require(
            [record.trainCount, record.testCount, record.activeDimensions].allSatisfy(Self.counts.contains),
            "trainCount", "a count is below zero or too large")
        try require(!record.table.isEmpty, "table", "the list is empty")
        for (index, row) in record.table.enumerated() {
            try require(
                row.trainRange.count == 2 && row.testRange.count == 2, "table[\(index)]",
                "a range does not have two ends")
        }
        for (index, curves) in record.curves.enumerated() {
            try require(
                curves.codebookVariances.count == curves.trainDistortions.count
                    && curves.trainDistortions.count == curves.testDistortions.count, "curves[\(index)]",
                "its lists differ in length")
        }
    }
}
