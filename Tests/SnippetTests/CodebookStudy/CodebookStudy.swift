import Training

@testable import CodebookStudy

// swift-format-ignore
private func codebookStudyExample(settings: CodebookStudy.Settings, loop: TrainingLoop) throws {
    let study = CodebookStudy(settings: settings)
    let record = try study.run(loop)                        // nil if a signal stopped it
    record?.table                                           // Table I
}
