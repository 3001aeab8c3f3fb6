import MethodKit

extension RunRecordCheck {
    /// - Throws: `LloydError` naming the item that cannot be.
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
}
