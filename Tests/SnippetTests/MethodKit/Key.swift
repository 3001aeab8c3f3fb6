// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
@testable import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func keyExample(config: Config) throws {
    let layers = Key("rrq.layers", .integer(1...100_000), "L, the number of layers.", into: \RRQRecipe.Settings.training.layers)
    config[layers]                                          // an Int
}

private func keyExample2() throws {
    struct StudyKeys: KeyGroup {
        let trials = Key("study.trials", .integer(1...10_000), "Trials.", into: \CodebookStudy.Settings.trials)
    }
    StudyKeys().all                                         // every key, in the order of declaration
}
