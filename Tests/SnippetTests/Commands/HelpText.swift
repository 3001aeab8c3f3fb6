// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func helpTextExample() throws {
    HelpText.discussion(.train, "Trains.", examples: ["lloyd train config.yaml"])
}
