// Lines stand as in the doc comments.
// swift-format-ignore-file
import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func stepPlannerExample(request: PlanRequest, layout: StatisticsLayout) throws {
    StepPlanner(
        method: "pq", items: (train: 10_000, test: 0), dimension: 64, request: request, dataBytes: 2.56e6,
        steps: [PlannedStep("assign", count: 20, operations: 1e9, statistics: layout)])
}
