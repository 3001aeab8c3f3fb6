import Core
import Foundation
import Messaging

/// How a command that needs no MPI ends when something goes wrong.
package enum Failure {
    /// 2 for bad usage, otherwise 1, unless the error says otherwise.
    package static func exitCode(of error: any Error) -> Int32 { Job.exitCode(of: error) }

    /// Runs `body`; an error is printed and ends the program with the error's exit code.
    package static func reported(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            Terminal.say("error: \(describe(error))")
            exit(Terminal.exitCode(after: exitCode(of: error)))
        }
    }

    /// The error for people.
    package static func describe(_ error: any Error) -> String {
        let isFoundations = type(of: error) is NSError.Type || error is any CustomNSError
        return isFoundations ? error.localizedDescription : String(describing: error)
    }
}
