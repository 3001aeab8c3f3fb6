// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Commands
import MethodKit

@testable import NVTC

private func methodExample() {
    LloydProgram.main(methods: [NVTCMethod.self])
}

private func settingsExample() {
    var settings = NVTCSettings()
    settings.lambdas = [256, 64]                            // the second model starts from the first
    settings.training.steps = 20_000
}
