import ArgumentParser
import Core
import Foundation
import MethodKit

struct ParityCommand: PrintingCommand {
    static let configuration = CommandConfiguration(
        commandName: "parity",
        abstract: "Compares NVTC with reference vectors, number by number.",
        discussion: """
            The folder holds weights.safetensors, expected.safetensors and meta.json: a model's weights under the \
            published implementation's names, an image, and that implementation's indices, rates, losses, \
            reconstruction and gradients in phases of training. For each phase the relative errors are printed as JSON. \
            Fails if losses or rates differ by more than 1e-4, gradients by more than 1e-3 of their tensor's largest \
            entry, or more than 0.1 % of the indices.

            Examples:
              lloyd parity nvtc-tiny
              lloyd parity nvtc-tiny --json parity.json
            """)

    @Argument(help: ArgumentHelp("The folder of reference vectors.", valueName: "folder"))
    var folder: String

    @Option(name: .customLong("json"), help: ArgumentHelp("Also writes the result to a file.", valueName: "file"))
    var json: String?

    struct Output: Encodable {
        var folder: String
        var imageOrder: String
        var passed: Bool
        var phases: [String: ParityCheck.Result]

        enum CodingKeys: String, CodingKey {
            case folder, passed, phases
            case imageOrder = "image-order"
        }
    }

    func run() throws {
        var passed = false
        try Failure.reported {
            try Outputs.check([json], inputs: [self.folder])
            let folder = try ParityFolder(self.folder)
            let results = try ParityCheck(folder).run()
            passed = results.values.allSatisfy(\.isWithinLimits)
            let output = Output(
                folder: self.folder, imageOrder: folder.imageOrder, passed: passed, phases: results)
            print(String(decoding: try JSONEncoder.readable.encode(output), as: UTF8.self))
            if let json { try JSONOutput.write(output, to: json) }
        }
        guard passed else {
            Terminal.say("Some errors exceed the limits.")
            throw ExitCode.failure
        }
    }
}
