import Datasets
import Foundation
import Reporting
import ToySources

/// The keys of the toy-source study, and how they become its settings.
extension ConfigSchema {
    static let toySources: [ConfigKey] = toyStudy + toyCodebooks + toyTransforms

    private static let defaults = ToySettings(source: "boomerang", dimension: 2)
    /// Largest lambda and learning rate: far beyond what makes sense, and far from what overflows.
    private static let largest = 1e9
    private static let most = 1 << 40

    private static func key(_ path: String, _ kind: ConfigKind, _ fallback: ConfigValue, _ meaning: String) -> ConfigKey
    {
        ConfigKey(path, kind, fallback, meaning, methods: [toy])
    }

    private static let toyStudy = [
        key(
            "toy.source", .choice(ToySource.Name.allCases.map(\.rawValue)), .text(defaults.source),
            "The source; normaliid and laplaceiid come in any dimension, the others in two."),
        key(
            "toy.dimension", .integer(1...ToySource.largestDimension), .integer(defaults.dimension),
            "Components of a vector."),
        key(
            "toy.methods", .choices(ToyMethod.allCases.map(\.rawValue)),
            .texts(defaults.methods.map(\.rawValue)),
            "What is compared: `vq`, K-means codebooks; `ecvq`, entropy-constrained ones; `ntc`, scalar quantization "
                + "between learned transforms; `ntvq` and `ntecvq`, the two kinds of codebook between such "
                + "transforms."
        ),
        key(
            "toy.test-samples", .integer(1...most), .integer(defaults.testSamples),
            "Samples that every point is measured on."),
        key(
            "toy.picture-lambda", .optionalPositive(largest), defaults.pictureLambda.map { .real($0) } ?? .none,
            "The point of each method nearest to this lambda gets a picture of its cells in 2-D; null for none."),
    ]

    private static let toyCodebooks = [
        key("vq.codewords", .integers(1...(1 << 20)), .integers(defaults.vq.codewords), "K of each point of VQ."),
        key("vq.samples", .integer(1...most), .integer(defaults.vq.samples), "Training samples of VQ."),
        key(
            "vq.iterations", .integer(1...100_000), .integer(defaults.vq.iterations),
            "Most passes of VQ over its samples."),
        key(
            "ecvq.lambdas", .positives(largest), .reals(defaults.ecvq.lambdas),
            "A point of ECVQ for each: weight of the mean squared error against bits, both per dimension."),
        key(
            "ecvq.codewords", .integer(1...(1 << 22)), .integer(defaults.ecvq.codewords),
            "Codewords that a codebook of ECVQ may have."),
        key(
            "ecvq.samples", .integer(0...most), .integer(defaults.ecvq.samples ?? 0),
            "Samples of a pass of ECVQ; 0 for as many as the codewords need."),
        key(
            "ecvq.final-samples", .integer(0...most), .integer(defaults.ecvq.finalSamples ?? 0),
            "Samples of each of the two last passes of ECVQ, which learn the tails; 0 for many."),
        key(
            "ecvq.passes", .integer(1...100_000), .integer(defaults.ecvq.passes),
            "Most passes of the main alternation of ECVQ, which ends when a pass gains less than a millionth."),
        key("ntc.lambdas", .positives(largest), .reals(defaults.ntcLambdas), "A point of NTC for each."),
        key(
            "ntvq.codewords", .integers(1...(1 << 20)), .integers(defaults.ntvqCodewords), "K of each point of NT-VQ."),
        key("ntecvq.lambdas", .positives(largest), .reals(defaults.ntecvqLambdas), "A point of NT-ECVQ for each."),
    ]

    private static let toyTransforms = [
        key(
            "transform.width", .integer(1...16384), .integer(defaults.transform.width),
            "Hidden width of the analysis and synthesis transforms (the paper: 192 in two dimensions, 384 in more)."),
        key(
            "transform.blocks", .integer(0...64), .integer(defaults.transform.blocks),
            "Residual blocks of each transform."),
        key(
            "transform.batch", .integer(1...(1 << 24)), .integer(defaults.transform.batch),
            "Samples of a gradient step."),
        key(
            "transform.micro-batch", .integer(1...(1 << 24)), .integer(defaults.transform.microBatch),
            "Samples whose gradients are computed at once; divides the batch. Part of the result: another number gives "
                + "other roundings."),
        key(
            "transform.steps", .integer(1...1_000_000_000), .integer(defaults.transform.steps),
            "Gradient steps of the first point of a curve."),
        key(
            "transform.starts", .integer(1...1000), .integer(defaults.transform.starts),
            "Models that are trained briefly for the first point from different weights; the best goes on."),
        key(
            "transform.start-steps", .integer(1...1_000_000_000), .integer(defaults.transform.startSteps),
            "Gradient steps of each of them."),
        key(
            "transform.warm-steps", .integer(1...1_000_000_000), .integer(defaults.transform.warmSteps),
            "Gradient steps of each further point, which starts from its neighbour."),
        key(
            "transform.learning-rate", .positive(largest), .real(defaults.transform.learningRate),
            "Adam's learning rate at its peak; it rises over 100 steps and falls as half a cosine to 0."),
        key(
            "transform.first-lambda", .positive(largest), .real(defaults.transform.firstLambda),
            "The lambda nearest to this one is trained first; from there lambda rises, then falls, each point starting "
                + "from its neighbour."),
        key(
            "transform.density-rate", .positive(largest), .real(defaults.transform.densityRateFactor),
            "The learning rate of the learned densities, relative to that of the transforms."),
        key(
            "transform.clipping", .positive(largest), .real(defaults.transform.clipping),
            "The norm that the gradient of the transforms is cut to."),
        key(
            "transform.residual-gain", .real(0...100), .real(defaults.transform.residualGain),
            "How large the residual blocks start, relative to the usual; transforms start as the identity plus these."),
        key(
            "transform.rounding-share", .real(0...100), .real(defaults.transform.roundingShare),
            "Further steps of NTC that train the decoder alone on rounded latents, relative to the steps with noise."),
        key(
            "transform.rounding-rate", .positive(largest), .real(defaults.transform.roundingRate),
            "Their learning rate, relative to the peak."),
        key(
            "transform.codebook-steps", .integer(1...1_000_000_000), .integer(defaults.transform.codebookSteps),
            "Gradient steps of a point of NT-VQ or NT-ECVQ, which starts from a codebook trained on the source."),
        key(
            "transform.codebook-rate", .positive(largest), .real(defaults.transform.codebookRate),
            "Their learning rate at its peak."),
    ]
}

extension Config {
    /// The settings of a toy-source study.
    /// - Throws: `ConfigError` for keys that do not fit together.
    func makeToySettings() throws -> ToySettings {
        var result = ToySettings(source: text("toy.source"), dimension: integer("toy.dimension"))
        do {
            _ = try ToySource(result.source, dimension: result.dimension)
        } catch let error as DatasetError {
            throw fault("toy.dimension", "\(error.path) \(error.problem)", remedy: error.remedy)
        }
        result.title = text("title")
        result.seed = seed
        result.methods = texts("toy.methods").compactMap(ToyMethod.init)
        result.testSamples = integer("toy.test-samples")
        result.pictureLambda = optionalReal("toy.picture-lambda")
        result.vq.codewords = integers("vq.codewords")
        result.vq.samples = integer("vq.samples")
        result.vq.iterations = integer("vq.iterations")
        result.ecvq.lambdas = reals("ecvq.lambdas")
        result.ecvq.codewords = integer("ecvq.codewords")
        result.ecvq.samples = integer("ecvq.samples") > 0 ? integer("ecvq.samples") : nil
        result.ecvq.finalSamples = integer("ecvq.final-samples") > 0 ? integer("ecvq.final-samples") : nil
        result.ecvq.passes = integer("ecvq.passes")
        result.transform.width = integer("transform.width")
        result.transform.blocks = integer("transform.blocks")
        result.transform.batch = integer("transform.batch")
        result.transform.microBatch = integer("transform.micro-batch")
        result.transform.steps = integer("transform.steps")
        result.transform.starts = integer("transform.starts")
        result.transform.startSteps = integer("transform.start-steps")
        result.transform.warmSteps = integer("transform.warm-steps")
        result.transform.learningRate = real("transform.learning-rate")
        result.transform.firstLambda = real("transform.first-lambda")
        result.transform.densityRateFactor = real("transform.density-rate")
        result.transform.clipping = real("transform.clipping")
        result.transform.residualGain = real("transform.residual-gain")
        result.transform.roundingShare = real("transform.rounding-share")
        result.transform.roundingRate = real("transform.rounding-rate")
        result.transform.codebookSteps = integer("transform.codebook-steps")
        result.transform.codebookRate = real("transform.codebook-rate")
        result.ntcLambdas = reals("ntc.lambdas")
        result.ntvqCodewords = integers("ntvq.codewords")
        result.ntecvqLambdas = reals("ntecvq.lambdas")
        try check(result)
        return result
    }

    private func check(_ settings: ToySettings) throws {
        try checkList("toy.methods", settings.methods.map(\.rawValue), remedy: "name one method or more, such as ecvq")
        let methods = Set(settings.methods)
        let lambdas = "give one lambda or more, such as [1, 4, 16, 64]"
        let sizes = "give one size or more, such as [4, 16, 64]"
        let transform = settings.transform
        let (steps, overflow) = transform.batch.multipliedReportingOverflow(by: transform.steps)
        let seen = overflow ? Int.max : steps
        if methods.contains(.vq) {
            try checkList("vq.codewords", settings.vq.codewords, remedy: sizes)
            try checkSamples("vq.codewords", settings.vq.codewords.max()!, settings.vq.samples, raise: "vq.samples")
        }
        if methods.contains(.ecvq) {
            try checkList("ecvq.lambdas", settings.ecvq.lambdas, remedy: lambdas)
            if let samples = settings.ecvq.samples {
                try checkSamples("ecvq.codewords", settings.ecvq.codewords, samples, raise: "ecvq.samples")
            }
        }
        if methods.contains(.ntc) { try checkList("ntc.lambdas", settings.ntcLambdas, remedy: lambdas) }
        if methods.contains(.ntvq) {
            try checkList("ntvq.codewords", settings.ntvqCodewords, remedy: sizes)
            try checkSamples("ntvq.codewords", settings.ntvqCodewords.max()!, seen, raise: "transform.steps")
        }
        if methods.contains(.ntecvq) {
            try checkList("ntecvq.lambdas", settings.ntecvqLambdas, remedy: lambdas)
        }
        try requireWholeMicroBatches(section: "transform")
    }

    /// - Throws: `ConfigError` where a gradient step has fewer micro-batches than there are ranks.
    func requireMicroBatches(forRanks ranks: Int) throws {
        let methods = Set(try makeToySettings().methods)
        guard !methods.isDisjoint(with: [.ntc, .ntvq, .ntecvq]) else { return }
        try requireMicroBatches(forRanks: ranks, section: "transform", items: "samples")
    }

    func checkList<Element: Hashable>(_ key: String, _ list: [Element], remedy: String) throws {
        guard !list.isEmpty else { throw fault(key, "the list is empty", remedy: remedy) }
        var seen: Set<Element> = []
        for element in list where !seen.insert(element).inserted {
            throw fault(key, "\(element) is in the list twice", remedy: "remove one of the two")
        }
    }

    private func checkSamples(_ key: String, _ codewords: Int, _ samples: Int, raise other: String) throws {
        guard codewords > samples else { return }
        throw fault(
            key, "\(codewords) codewords cannot be learned from \(samples) samples",
            remedy: "use at most \(samples) codewords, or raise \(other)")
    }

    // MARK: Published curves

    /// The published curves that `report.anchors` names, of the config's source only; nil where it names none.
    /// - Throws: `ConfigError` when there is no such file, `ReportingError` when it cannot be read.
    func readPublishedCurves() throws -> PublishedCurves? {
        guard text("method") == ConfigSchema.toy, let found = try findAnchors() else { return nil }
        return try PublishedCurves(path: found).of(source: text("toy.source"), dimension: integer("toy.dimension"))
    }

    /// The run's copy of what `report.anchors` names, for any method; nil where it names nothing.
    /// - Throws: `ConfigError` when there is no such file, `ReportingError` when it cannot be read.
    func readAnchors() throws -> JSONValue? {
        guard text("method") == ConfigSchema.nvtc else { return try readPublishedCurves()?.json }
        return try findAnchors().map { try PublishedCodecs(path: $0).json }
    }

    /// Where the file or folder is that `report.anchors` names; nil where it names none.
    private func findAnchors() throws -> String? {
        guard let path = optionalText("report.anchors") else { return nil }
        let beside = ((file as NSString).deletingLastPathComponent as NSString).appendingPathComponent(path)
        let candidates = path.hasPrefix("/") ? [path] : beside == path ? [path] : [beside, path]
        guard let found = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw fault(
                "report.anchors", "there is no \(candidates.joined(separator: " and no "))",
                remedy: "name a file of published curves, such as "
                    + "Configs/anchors/\(text("method") == ConfigSchema.nvtc ? "kodak" : "toy-sources").json, or set it to null"
            )
        }
        return found
    }
}
