import Datasets
import NVTC
import Numerics

/// Models that train in a moment, with different sizes wherever two could be confused.
enum Small {
    static let architecture: NVTCArchitecture = {
        func stage(
            _ factor: Int, _ layers: Int, _ width: Int, _ units: Int, _ block: Int, _ codewords: Int, _ dimension: Int
        )
            -> NVTCArchitecture.Stage
        {
            .init(
                factor: factor, layers: layers, width: width, units: units, block: block, codewords: codewords,
                dimension: dimension, priorParameters: 3, priorLevels: 5)
        }
        var architecture = NVTCArchitecture(stages: [stage(4, 1, 10, 1, 4, 9, 2), stage(2, 2, 12, 2, 2, 17, 3)])
        architecture.scalingBlocks = 1
        architecture.priorWidth = 7
        architecture.priorBlocks = 1
        return architecture
    }()

    static let images = VectorImages(DeadLeaves(count: 6, width: 48, height: 40, channels: 3, seed: 3))

    static func settings() -> NVTCSettings {
        var settings = NVTCSettings()
        settings.architecture = architecture
        settings.crop = 32
        settings.lambdas = [64]
        settings.initialization.starts = [4, 0]
        settings.initialization.steps = 8
        settings.initialization.interval = 4
        settings.training.steps = 16
        settings.training.batch = 2
        settings.training.logInterval = 4
        settings.training.learningRate = 1e-3
        return settings
    }
}
