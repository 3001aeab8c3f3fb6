import Core
import Foundation
import RRQ
import ToySources

/// Whether the record of a run holds together: what is read from a file is not trusted.
///
///     try RunRecordCheck(place: "runs/faces/record.json").check(record)
struct RunRecordCheck {
    let place: String

    /// Larger vectors have no place in this program: dimensions are counted in 32 bits.
    private static let dimensions = 1...Int(Int32.max)
    private static let counts = 0...(1 << 53)

    /// - Throws: `ReportingError` naming the item that cannot be.
    func check(_ record: RRQRecord) throws {
        try require(Self.dimensions.contains(record.dimension), "dimension", "it is \(record.dimension)")
        try require((1...1 << 24).contains(record.codewords), "codewords", "there are \(record.codewords)")
        for (name, count) in [
            ("trainCount", record.trainCount), ("testCount", record.testCount), ("heldOutCount", record.heldOutCount),
        ] { try require(Self.counts.contains(count), name, "it is \(count)") }
        let sides = [record.imageWidth, record.imageHeight, record.imageChannels].compactMap { $0 }
        if !sides.isEmpty {
            try require(
                sides.count == 3 && sides.allSatisfy { (1...1 << 20).contains($0) }
                    && sides.reduce(1, *) == record.dimension, "imageWidth",
                "width, height and channels, \(sides), do not make \(record.dimension) samples")
        }
        try require(
            record.superResolutionFactor.map { (2...1 << 16).contains($0) } ?? true, "superResolutionFactor",
            "it is \(record.superResolutionFactor ?? 0)")
        try checkLayers(record.layers, "layers", record)
        try checkLayers(record.comparison, "comparison", record)
        for (index, picture) in record.pictures.enumerated() {
            try requireName(picture.file, "pictures[\(index)].file")
        }
    }

    private func checkLayers(_ layers: [LayerRecord], _ list: String, _ record: RRQRecord) throws {
        for (index, layer) in layers.enumerated() {
            let item = "\(list)[\(index)]"
            try require(layer.layer == index + 1, item, "its number is \(layer.layer)")
            try require((0...record.dimension).contains(layer.activeDimensions), item, "activeDimensions cannot be")
            try require((0...record.codewords).contains(layer.codewordsUsed), item, "codewordsUsed cannot be")
            let figures =
                [layer.bits, layer.entropyBits, layer.trainDistortion, layer.boundDistortion, layer.trainPerplexity]
                + [layer.testDistortion, layer.testPerplexity, layer.waterLevel].compactMap { $0 }
            try require(figures.allSatisfy { $0.isFinite && $0 >= 0 }, item, "a figure is below zero or not finite")
        }
    }

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

    /// - Throws: `ReportingError` naming the item that cannot be.
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

    /// A file's name is joined to the run's folder: it must stay within.
    private func requireName(_ name: String, _ item: String) throws {
        let isInside = !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        try require(isInside, item, "“\(name.prefix(80))” does not lie in the run folder")
    }

    private func require(_ condition: Bool, _ item: String, _ problem: String) throws {
        guard !condition else { return }
        throw ReportingError(
            place: place, item: item, problem: "the record is damaged: \(problem)",
            remedy: "Train the run again, or restore the file.")
    }
}
