import Datasets
import MethodKit

extension ToySettings: ConfigurableSettings {
    /// Boomerang, in its two dimensions.
    package init() { self.init(source: "boomerang", dimension: 2) }

    /// What a config says.
    /// - Throws: `ConfigError` for keys that do not fit together.
    package init(_ config: Config) throws {
        self = config.settings()
        let keys = ToyStudyMethod.own
        do {
            _ = try ToySource(source, dimension: dimension)
        } catch let error as LloydError {
            throw config.fault(keys.dimension, "\(error.path) \(error.problem)", remedy: error.remedy)
        }
        title = config[Keys.general.title]
        seed = config.seed
        try check(config, keys)
    }

    private func check(_ config: Config, _ keys: ToyKeys) throws {
        try config.requireDistinct(
            keys.methods, name: \.rawValue, remedy: "name one method or more, such as ecvq")
        let methods = Set(methods)
        let lambdas = "give one lambda or more, such as [1, 4, 16, 64]"
        let sizes = "give one size or more, such as [4, 16, 64]"
        let (steps, overflow) = transform.batch.multipliedReportingOverflow(by: transform.steps)
        let seen = overflow ? Int.max : steps
        func requireSamples(_ key: any ConfigKey, _ codewords: Int, _ samples: Int, raise other: Key<Int>) throws {
            try Self.requireSamples(config, key, codewords, samples, raise: other.path)
        }
        if methods.contains(.vq) {
            try config.requireDistinct(keys.vqCodewords, remedy: sizes)
            try requireSamples(keys.vqCodewords, vq.codewords.max()!, vq.samples, raise: keys.vqSamples)
        }
        if methods.contains(.ecvq) {
            try config.requireDistinct(keys.ecvqLambdas, remedy: lambdas)
            if let samples = ecvq.samples {
                try Self.requireSamples(
                    config, keys.ecvqCodewords, ecvq.codewords, samples, raise: keys.ecvqSamples.path)
            }
        }
        if methods.contains(.ntc) { try config.requireDistinct(keys.ntcLambdas, remedy: lambdas) }
        if methods.contains(.ntvq) {
            try config.requireDistinct(keys.ntvqCodewords, remedy: sizes)
            try requireSamples(keys.ntvqCodewords, ntvqCodewords.max()!, seen, raise: keys.steps)
        }
        if methods.contains(.ntecvq) { try config.requireDistinct(keys.ntecvqLambdas, remedy: lambdas) }
        try config.requireWholeMicroBatches(batch: keys.batch, microBatch: keys.microBatch)
    }

    private static func requireSamples(
        _ config: Config, _ key: any ConfigKey, _ codewords: Int, _ samples: Int, raise other: String
    ) throws {
        guard codewords > samples else { return }
        throw config.fault(
            key, "\(codewords) codewords cannot be learned from \(samples) samples",
            remedy: "use at most \(samples) codewords, or raise \(other)")
    }

    /// Whether some method trains transforms, in gradient steps of micro-batches.
    package var hasTransforms: Bool { !Set(methods).isDisjoint(with: [.ntc, .ntvq, .ntecvq]) }
}
