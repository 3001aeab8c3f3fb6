import MethodKit
import Training

@testable import ToySources

// swift-format-ignore
private func toyStudyExample(settings: ToySettings, loop: TrainingLoop) throws {
    let study = try ToyStudy(settings: settings)
    let record = try study.run(RunContext(loop: loop, parts: FinishedParts()))      // nil if a signal stopped it
    record?.curve(of: .ecvq)
}
