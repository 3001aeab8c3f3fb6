// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func learningRateScheduleExample() {
    let schedule = LearningRateSchedule(peak: 1e-3, warmUp: 100, shape: .cosine(floor: 0.01))
    let rate = schedule.rate(step: 50, of: 8000)            // half way up
    let steps = LearningRateSchedule(peak: 1e-4, shape: .milestones([.init(share: 0.8, factor: 0.1)]))
}
