// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func dataCheckExample() throws {
    let result = try DataCheck("photos").run(team: Team(threads: 8)) { done, count in print(done, count) }
    result.damaged.map(\.name)
}
