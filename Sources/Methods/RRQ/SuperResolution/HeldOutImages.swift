import Datasets

extension RRQRecipe.Settings {
    /// Which of the training images are held out to weigh frequencies in super-resolution: the split's test side. Nil if
    /// nothing is held out.
    ///
    /// They are drawn by a seed of their own, so that the split into training and test images stays as it is without them.
    /// - Parameters:
    ///   - count: training images before.
    ///   - name: of the data, for messages.
    /// - Throws: `DatasetError` for data that cannot be split so.
    func heldOutSplit(of count: Int, name: String) throws -> TrainTestSplit? {
        guard superResolutionFactor != nil, calibrationFraction > 0 else { return nil }
        return try TrainTestSplit(
            count: count, testFraction: calibrationFraction, seed: seed &+ 0x5eed, name: name)
    }
}
