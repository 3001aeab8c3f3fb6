// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runLockExample() throws {
    let lock = try RunLock(folder: "runs/faces")            // RunFolderRefusal while another owner lives
    try lock.requireOwnership()                             // before each write that could harm another's
    lock.release()
}
