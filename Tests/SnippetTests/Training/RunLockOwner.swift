// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runLockOwnerExample(other: RunLockOwner) {
    let me = RunLockOwner.current()
    let judgment = me.judge(other, silentSeconds: 20)       // .alive, .gone, .ending or .unknown
}
