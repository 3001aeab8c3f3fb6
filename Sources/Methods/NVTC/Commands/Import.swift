import ArgumentParser
import Core
import Datasets
import Foundation
import MethodKit

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a model of NVTC weights in the published implementation's layout.",
        discussion: """
            The config states the sizes of the model (model.*); every tensor must be there with the shape that \
            follows from them. The model can be trained further, measured, and exported again.

            Examples:
              lloyd import weights.safetensors --config Configs/nvtc-paper.yaml --lambda 256 --out model.safetensors
            """)

    @Argument(help: ArgumentHelp("Weights under the published names.", valueName: "safetensors"))
    var weights: String

    @Option(help: ArgumentHelp("The config that states the model's sizes.", valueName: "yaml"))
    var config: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides a key of the config; may be given several times.", valueName: "key=value"))
    var settings: [String] = []

    @Option(help: "What the weights were trained for.")
    var lambda: Double

    @Option(name: .customLong("out"), help: ArgumentHelp("The model's file.", valueName: "safetensors"))
    var output: String

    func validate() throws {
        guard lambda > 0, lambda.isFinite else { throw ValidationError("--lambda must be above 0") }
    }

    func run() throws {
        try Failure.reported {
            try Outputs.check([output], inputs: [weights, self.config])
            let config = try Config(file: self.config, settings: settings, schema: Schema([NVTCMethod.self]))
            guard config.method == NVTCMethod.self else {
                throw config.fault(
                    Keys.general.method, "is `\(config.method.name)`", remedy: "name a config with method: nvtc")
            }
            let settings = try NVTCSettings(config)
            let model = try ReferenceWeights.model(settings.architecture, from: SafeTensors(weights))
            try NVTCModelFile.write(
                model, lambda: lambda, steps: 0, isRateConstrained: settings.training.rateConstrained, to: output)
            print("Imported \(model.parameters.learned) parameters to \(output).")
        }
    }
}
