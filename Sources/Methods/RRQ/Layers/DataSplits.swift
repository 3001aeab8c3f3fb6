import Core
import Datasets

extension RRQRecipe.Settings {
    /// The split into training and test items that `data.test-fraction` and `data.group-by-folder` ask for.
    /// - Throws: `LloydError` naming the key for data that cannot be split so.
    func split(_ source: any VectorSource) throws -> TrainTestSplit {
        try Self.naming("data.test-fraction") {
            try TrainTestSplit(source: source, testFraction: testFraction, seed: seed, byGroup: groupByFolder)
        }
    }

    /// Which of the training images are held out to weigh frequencies in super-resolution: the split's test side. Nil if
    /// nothing is held out.
    ///
    /// They are drawn by a seed of their own, so that the split into training and test images stays as it is without them.
    /// - Parameters:
    ///   - count: training images before.
    ///   - name: of the data, for messages.
    /// - Throws: `LloydError` naming the key for data that cannot be split so.
    func heldOutSplit(of count: Int, name: String) throws -> TrainTestSplit? {
        guard superResolutionFactor != nil, calibrationFraction > 0 else { return nil }
        return try Self.naming("super-resolution.held-out") {
            try TrainTestSplit(count: count, testFraction: calibrationFraction, seed: seed &+ 0x5eed, name: name)
        }
    }

    /// Errors of the body say which key is at fault.
    private static func naming<Result>(_ key: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as LloydError {
            throw LloydError(
                error.kind, at: error.path, item: "key `\(key)`", problem: error.problem, remedy: error.remedy)
        }
    }
}
