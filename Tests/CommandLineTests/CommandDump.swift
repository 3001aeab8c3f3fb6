import Foundation

/// The program's commands and their arguments, as `--experimental-dump-help` lists them: a test that goes through it covers
/// commands and options that are added later.
struct CommandDump: Decodable {
    struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// Arguments that take a value.
        var valued: [Argument] { (arguments ?? []).filter { $0.kind != "flag" } }
    }

    struct Argument: Decodable {
        struct Name: Decodable { var name: String }

        /// "positional", "option" or "flag".
        var kind: String
        var names: [Name]?
        var valueName: String?
        var isOptional: Bool

        /// "--threads"; nil for an argument without a name.
        var option: String? { names?.first { $0.name.count > 1 }.map { "--" + $0.name } }
    }

    var command: Command

    /// Every command but `help`.
    static func commands() throws -> [Command] {
        let text = try LloydProgram.run(["--experimental-dump-help"]).standardOutput
        let all = try JSONDecoder().decode(CommandDump.self, from: Data(text.utf8)).command.subcommands ?? []
        return all.filter { $0.commandName != "help" }
    }
}
