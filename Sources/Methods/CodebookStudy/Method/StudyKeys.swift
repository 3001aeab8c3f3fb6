import MethodKit

/// The keys of a codebook study.
struct StudyKeys: KeyGroup {
    let trials = Key(
        "study.trials", .integer(1...10_000), "Trials that the table is the mean of.",
        into: \CodebookStudy.Settings.trials)
    let trainCount = Key(
        "study.train-count", .integer(1...(1 << 40)), "Training vectors of a trial.",
        into: \CodebookStudy.Settings.trainCount)
    let testCount = Key(
        "study.test-count", .integer(1...(1 << 40)), "Test vectors of a trial.",
        into: \CodebookStudy.Settings.testCount)
    let codewords = Key(
        "study.codewords", .integer(2...(1 << 20)), "K.", into: \CodebookStudy.Settings.codewords)
    let lambdas = Key(
        "study.lambdas", .reals(0...1e12), "VR-Kmeans is trained with each of these.",
        into: \CodebookStudy.Settings.lambdas)
    let iterations = Key(
        "study.iterations", .integer(1...100_000), "Most passes of K-means and VR-Kmeans.",
        into: \CodebookStudy.Settings.iterations)
    let initialization = Key(
        "study.initialization", .choice,
        "First codewords of VR-Kmeans; K-means starts from samples, or k-means++ if that is asked for.",
        into: \CodebookStudy.Settings.initialization)
    init() {}
}

extension CodebookStudy.Settings: ConfigurableSettings {
    /// What a config says.
    /// - Throws: `ConfigError` for keys that do not fit together.
    init(_ config: Config) throws {
        self = config.settings()
        seed = config.seed
        dimension = config[Keys.gaussian.dimension]
        decay = config[Keys.gaussian.decay]
        guard trainCount >= codewords else {
            let keys = CodebookStudyMethod.own
            throw config.fault(
                keys.codewords, "\(codewords) codewords cannot be learned from \(trainCount) vectors",
                remedy: "use at most \(trainCount) codewords, or raise \(keys.trainCount)")
        }
    }
}
