import MethodKit

extension RunRecordCheck {
    /// - Throws: `LloydError` naming the item that cannot be.
    func check(_ record: ToyRecord) throws {
        try require((1...1 << 16).contains(record.dimension), "dimension", "it is \(record.dimension)")
        try require(Self.counts.contains(record.testSamples), "testSamples", "there are \(record.testSamples)")
        for (index, point) in record.points.enumerated() {
            let item = "points[\(index)]"
            try require(
                point.bitsPerDimension.isFinite && point.bitsPerDimension >= 0, item, "its rate cannot be")
            try require(
                point.meanSquaredError.isFinite && point.meanSquaredError > 0, item,
                "its meanSquaredError is not above 0")
            try require(
                [point.trainingSamples, point.trainingSteps, point.codewords ?? 0, point.alive ?? 0]
                    .allSatisfy(Self.counts.contains), item, "a count is below zero or too large")
            try require(
                point.lambda.map { $0.isFinite && $0 > 0 } ?? true, item, "its lambda is not above zero")
            if let file = point.partition { try requireName(file, item + ".partition") }
        }
    }
}
