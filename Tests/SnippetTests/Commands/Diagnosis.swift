// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func diagnosisExample(world: any Communicator, program: ProgramDiagnosis) throws {
    let mine = RankDiagnosis(world, rates: MachineRates.measure())
    let all = try mine.gathered(over: world)                // in rank order, on every rank
    let findings = Finding.all(about: program, ranks: all)
}
