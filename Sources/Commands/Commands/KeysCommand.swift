import ArgumentParser
import MethodKit

struct KeysCommand: PrintingCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Lists every key of a config: values, default, meaning.",
        discussion: """
            Examples:
              lloyd keys
              lloyd keys --markdown
            """)

    @Flag(help: "As Markdown tables, the form in which Configs/README.md holds them.")
    var markdown = false

    func run() throws {
        for key in Methods.schema.keys {
            let methods = Methods.schema.methods(using: key)
            let scope = methods.isEmpty ? "" : " (method \(methods.joined(separator: ", ")))"
            if markdown {
                print("| `\(key.path)` | \(key.kind.expectation) | `\(key.fallback.yaml)` | \(key.meaning)\(scope) |")
            } else {
                print(
                    "\(key.path)\n    \(key.meaning)\(scope)\n    \(key.kind.expectation); default \(key.fallback.yaml)\n"
                )
            }
        }
    }
}
