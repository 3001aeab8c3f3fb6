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

private func runIdentityExample(config: Config, earlier: Config, folder: RunFolder, world: any Communicator) throws {
    let identity = try RunIdentity(config)
    try RankAgreement.require(identity.values, over: world)
    try identity.requireSame(as: folder, earlier, config)
}
