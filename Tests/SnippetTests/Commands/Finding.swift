// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func findingExample(program: ProgramDiagnosis, ranks: [RankDiagnosis]) throws {
    let findings = Finding.all(about: program, ranks: ranks)
    findings.first?.problem                                 // "transparent huge pages are off on node3"
    findings.first?.remedy
}
