// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import MethodKit
import Training

@testable import NVTC

private func plannerExample(config: Config, layout: RankLayout) throws {
    let planner = try NVTCPlanner(config: config, baseBytes: 3e7)
    let plan = planner.plan(layout)
    let steps = plan.phases.first { $0.name == "training steps" }
}

private func stepCostExample(settings: NVTCSettings, photos: any ImageCollection, kodak: any ImageCollection) throws {
    let cost = try NVTCStepCost(settings: settings, images: photos, validation: kodak)
    cost.full.forward + cost.full.backward                  // operations of one crop with everything on
    (cost.cropSeconds, cost.updateSeconds)                  // of the last phase, which is measured
    cost.tape.total                                         // bytes of a thread's pass, the most of any phase
}
