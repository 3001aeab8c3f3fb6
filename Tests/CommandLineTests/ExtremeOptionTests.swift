import Foundation
import TestSupport
import Testing

/// Every option of every command with numbers that make no sense: an ordinary error that names the option, or an ordinary
/// run; no crash, no hang, no huge allocation.
@Suite(.timeLimit(.minutes(5))) struct ExtremeOptionTests {
    static let values = [
        "0", "-1", "9223372036854775807", "1e308", "1e-308", "nan", "",
        Array(repeating: "1", count: 5000).joined(separator: ","),
    ]

    /// Options that take names and other texts.
    private static let texts: Set = [
        "--set", "--run", "--json", "--out", "--title", "--anchors", "--reference", "--pictures", "--originals",
        "--model", "--codes", "--reconstruction",
        "--data", "--name", "--curve", "--keep", "--format", "--config",
    ]

    /// A finished run, a picture of the size that it codes, and the picture's coded file.
    private static let folder = Result<ScratchFolder, any Error> {
        let folder = try ScratchFolder()
        try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        let trained = try LloydProgram.run(["train", "small.yaml", "--run", "run"], folder: folder.path)
        try #require(trained.status == 0, "\(trained)")
        let pictures = try folder.files(below: "run/pictures").filter { $0.contains("original") }
        try folder.write(folder.bytes(of: "run/pictures/" + #require(pictures.first)), to: "face.png")
        let coded = try LloydProgram.run(
            ["encode", "--model", "run", "face.png", "face.lloyd"], folder: folder.path)
        try #require(coded.status == 0, "\(coded)")
        return folder
    }

    /// What a command needs besides the option.
    private static func others(of command: CommandDump.Command, output: String) -> [String] {
        switch command.commandName {
        case "train": ["small.yaml", "--run", output]
        case "plan": ["small.yaml", "--ranks", "2", "--machines", "2"]
        case "encode": ["--model", "run", "face.png", output + ".lloyd"]
        case "decode": ["--model", "run", "face.lloyd", output + ".png"]
        case "evaluate", "check": ["run"]
        case "export": ["run", "--out", output]
        default:
            command.valued.filter { !$0.isOptional }.flatMap { argument in
                (argument.option.map { [$0] } ?? []) + [argument.option == "--lambda" ? "1" : "absent"]
            }
        }
    }

    @Test func isAnErrorThatNamesTheOption() throws {
        let folder = try Self.folder.get()
        var count = 0
        for command in try CommandDump.commands() {
            for option in command.valued.compactMap(\.option) where !Self.texts.contains(option) {
                for value in Self.values {
                    count += 1
                    var arguments = Self.others(of: command, output: "output-\(count)")
                    if let index = arguments.firstIndex(of: option) { arguments.removeSubrange(index...index + 1) }
                    arguments = [command.commandName] + arguments + [option, value]
                    let result = try LloydProgram.runWithLittleMemory(arguments, folder: folder.path)
                    let short = arguments.map { $0.prefix(60) }
                    #expect([0, 1, 2, 75].contains(result.status), "\(short): \(result)")
                    guard result.status == 1 || result.status == 2 else { continue }
                    // A value may make sense; then what is missing besides is named.
                    let named = ["absent", String(option.dropFirst(2))].contains { result.standardError.contains($0) }
                    #expect(named && result.standardError.count < 4000, "\(short): \(result)")
                }
            }
        }
        #expect(count >= 120)
    }
}

extension LloydProgram {
    /// Runs `lloyd` where 8 GB of memory are all there is to allocate, and time is short.
    static func runWithLittleMemory(_ arguments: [String], folder: String) throws -> ChildProcess.Result {
        try ChildProcess.run(
            "/bin/bash", arguments: ["-c", #"ulimit -v 8000000; exec "$@""#, "bash", path.get()] + arguments,
            environment: MPIRun.childEnvironment(), folder: folder, timeout: 120)
    }
}
