// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runFolderRefusalExample() throws {
    throw RunFolderRefusal(path: "project", problem: "is not a run folder", remedy: "choose another folder with --run")
}
