@testable import ToySources

// swift-format-ignore
private func toyTrainingExample(record: ToyRecord) throws {
    ToyTraining(record: record).sentences
    // ["NTC: 800 to 8,000 gradient steps and 819,200 to 8,192,000 training samples a point. ...", ...]
}
