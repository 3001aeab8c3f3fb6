import MethodKit

/// The long help of a command: what is true of every method, then what the methods of this program add.
///
///     HelpText.discussion(.train, "Trains.", examples: ["lloyd train config.yaml"])
enum HelpText {
    static func discussion(_ topic: MethodHelp.Topic, _ text: String = "", examples: [String]) -> String {
        let help = Methods.schema.methods.flatMap { $0.help }.filter { $0.topic == topic }
        let paragraphs = [text] + help.map(\.text)
        let lines = examples + help.flatMap(\.examples)
        return (paragraphs + ["Examples:\n" + lines.map { "  \($0)" }.joined(separator: "\n")])
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}
