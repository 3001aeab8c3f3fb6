import Datasets
import MethodKit
import Training

@testable import RRQ

// swift-format-ignore
private func rrqRecipeExample(settings: RRQRecipe.Settings, source: any VectorSource, loop: TrainingLoop) throws {
    let recipe = RRQRecipe(settings: settings, source: source)
    let record = try recipe.run(RunContext(loop: loop, parts: .init()))     // nil if a signal stopped it
}
