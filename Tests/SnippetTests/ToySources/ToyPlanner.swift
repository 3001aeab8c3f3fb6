import MethodKit
import Training

@testable import ToySources

// swift-format-ignore
private func toyPlannerExample(config: Config, layout: RankLayout) throws {
    let planner = try ToyPlanner(config: config, baseBytes: 3e7)
    let plan = planner.plan(layout)
    plan.phases.first { $0.name == "gradient steps, NTC" }
}
