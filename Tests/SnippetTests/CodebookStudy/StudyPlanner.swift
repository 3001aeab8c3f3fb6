import Training

@testable import CodebookStudy

// swift-format-ignore
private func studyPlannerExample(settings: CodebookStudy.Settings, layout: RankLayout) throws {
    let planner = try StudyPlanner(settings: settings, baseBytes: 3e7)
    let plan = planner.plan(layout)
    plan.phases.first { $0.name == "assign, kmeans" }
}
