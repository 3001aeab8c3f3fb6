import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func runLockExample() throws {
    let lock = try RunLock(folder: "runs/faces")            // RunFolderRefusal while another owner lives
    try lock.requireOwnership()                             // before each write that could harm another's
    lock.release()
}
