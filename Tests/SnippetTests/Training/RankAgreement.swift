import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func rankAgreementExample(world: any Communicator) throws {
    try RankAgreement.require(["rrq.layers": "20", "data.path": "620 files, 81 MB, 3fa9"], over: world)
}
