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

private func damagedImageSearchExample(world: any Communicator, team: Team) throws {
    let search = DamagedImageSearch(world: world, team: team)
    let damaged = try search.damaged(of: "photos")          // the same on every rank
}
