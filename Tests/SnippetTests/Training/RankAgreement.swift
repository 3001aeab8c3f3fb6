// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func rankAgreementExample(world: any Communicator) throws {
    try RankAgreement.require(["rrq.layers": "20", "data.path": "620 files, 81 MB, 3fa9"], over: world)
}
