import Datasets
import Training

@testable import RRQ

// swift-format-ignore
private func rrqPlannerExample(settings: RRQRecipe.Settings, source: any VectorSource) throws {
    let planner = try RRQPlanner(settings: settings, source: source, baseBytes: 3e7)
    let layout = try RankLayout(ranks: 4, threads: 1, machines: 1, shards: 64, cores: 4, network: 1e9)
    planner.plan(layout).seconds
    planner.peakBytes(layout)                               // costs nothing, for any number of ranks
}
