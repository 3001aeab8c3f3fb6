import ArgumentParser
import Core
import Datasets
import Foundation
import Messaging
import MethodKit

/// The command line. Exit codes: 0 done, 1 failed, 2 bad usage or config, 75 stopped on a signal with what was finished
/// kept.
///
///     LloydProgram.main(methods: [MyMethod.self])             // all of a program's main.swift
///
/// The methods are all that differs from program to program: every command works for any list of them.
public struct LloydProgram: ParsableCommand {
    static let version = "0.1.0"

    /// Its subcommands are those of every program, then those of the methods.
    public static let configuration = CommandConfiguration(
        commandName: "lloyd",
        abstract: "Trains vector quantizers on as many machines as you have.",
        discussion: HelpText.discussion(
            .program,
            examples: [
                "lloyd train config.yaml                                 one rank",
                "mpirun -n 4 lloyd train config.yaml                     four ranks, the same bytes",
                "lloyd compare runs/a runs/b --out Reports/a-against-b   runs side by side",
                "lloyd check photos                                      what is damaged, before a long run",
                "lloyd keys                                              every key of a config",
            ]),
        version: LloydProgram.version,
        subcommands: ([
            Train.self, PlanCommand.self, Encode.self, Decode.self, Evaluate.self, Measure.self, Check.self,
            Compare.self, Report.self, Export.self, Doctor.self, KeysCommand.self,
        ] as [any ParsableCommand.Type]) + Methods.schema.methods.flatMap { $0.commands })

    public init() {}

    /// Runs the command that the arguments name, and ends the process.
    /// - Parameter methods: what a config may call `method`; the first is the default.
    public static func main(methods: [any Method.Type]) -> Never {
        Methods.use(methods)
        Terminal.prepare()
        do {
            // Foundation's arguments have U+FFFD for bytes that are not UTF-8; names of files are bytes.
            let arguments = (1..<max(1, Int(CommandLine.argc))).map {
                let text = CommandLine.unsafeArgv[$0]!
                return FileName.text(UnsafeRawBufferPointer(start: text, count: strlen(text)))
            }
            var command = try parseAsRoot(arguments)
            try ByteNames.check(arguments, dataNames: (command as? any DataNaming)?.dataNames ?? [])
            let isPrinting = command is any PrintingCommand
            if !isPrinting, !(command is LloydProgram) { Terminal.use(standardOutputFor: .progress) }
            try command.run()
            exit(withCode: 0)
        } catch {
            let code = exitCode(for: error)
            // Asking for help is not an error; everything else that the parser refuses is bad usage.
            if code == .success {
                Terminal.use(standardOutputFor: .result)
                print(fullMessage(for: error))
                exit(withCode: 0)
            }
            if let code = error as? ExitCode { exit(withCode: code.rawValue) }
            // Under mpirun all ranks see the same arguments: one message is enough.
            if MPIEnvironment.announcedRank ?? 0 == 0 {
                Terminal.say(Self.shortened(fullMessage(for: error)))
            } else {
                // The launcher ends the job with the first rank that fails: rank 0 needs the time to say why.
                Thread.sleep(forTimeInterval: 0.5)
            }
            exit(withCode: code == .validationFailure ? 2 : Failure.exitCode(of: error))
        }
    }

    /// The parser repeats the value that it refuses, however long: of a long line, its beginning and its end are enough.
    static func shortened(_ message: String) -> String {
        message.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.count > 600 ? "\($0.prefix(300)) … \($0.suffix(200))" : String($0) }
            .joined(separator: "\n")
    }

    private static func exit(withCode code: Int32) -> Never { Foundation.exit(Terminal.exitCode(after: code)) }
}
