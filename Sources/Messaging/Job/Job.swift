import Foundation

/// The outermost frame of a program of many ranks: an error that was not caught ends all of them, with one message.
///
///     let world = try MPIEnvironment.startIfLaunched()
///     let code = Job.run(world, context: "training layer \(layer)") { try train(world) }
///     exit(code)
///     // rank 2 of 4 on node17: while training layer 3: cannot read faces/07.pgm: the file ends early
public enum Job {
    /// Seconds by which other ranks let rank 0 report first: if all fail alike, one message is enough.
    static let precedenceOfRankZero = 0.3

    /// Runs `body`, ends MPI in an orderly way, and returns the result of `body`.
    ///
    /// If `body` throws, prints "rank R of N on HOST: while CONTEXT: MESSAGE" and the error's hint to standard error, then
    /// ends the whole job with the error's exit code (`ExitCoded`; otherwise 1).
    /// - Parameter context: what the program is doing; evaluated when an error is reported, so it can follow the program's
    ///   state.
    public static func run<Result>(
        _ communicator: any Communicator, context: @autoclosure () -> String, _ body: () throws -> Result
    ) -> Result {
        do {
            let result = try body()
            try finish(communicator)
            return result
        } catch {
            fail(communicator, context: context(), error)
        }
    }

    /// Reports `error` and ends the whole job, as `run` does with an uncaught error.
    public static func fail(_ communicator: any Communicator, context: String, _ error: any Error) -> Never {
        fflush(stdout)
        if communicator.rank != 0 {
            // While this rank holds back, the launcher's SIGTERM must end it, whatever handler the program installed.
            if !(communicator is InProcessCommunicator) { signal(SIGTERM, SIG_DFL) }
            Thread.sleep(forTimeInterval: precedenceOfRankZero)
        }
        // Threads of one process are not ended by the first report: those that fail because of it stay silent.
        if let member = communicator as? InProcessCommunicator, let first = member.group.firstFailure,
            first.rank != member.rank
        {
            member.abort(code: exitCode(of: error))
        }
        let text = message(
            for: error, rank: communicator.rank, size: communicator.size, host: communicator.hostName, context: context)
        // One write, so that the lines of several ranks do not mix.
        Terminal.say(text, terminator: "")
        communicator.abort(code: exitCode(of: error))
    }

    /// The exit code for an error; never 0.
    public static func exitCode(of error: any Error) -> Int32 {
        let code = (error as? any ExitCoded)?.exitCode ?? 1
        return code == 0 ? 1 : code
    }

    static func message(for error: any Error, rank: Int, size: Int, host: String, context: String) -> String {
        let origin = size > 1 ? "rank \(rank) of \(size) on \(host): " : "error: "
        var text = "\(origin)while \(context): \(describe(error))\n"
        if let hint = (error as? any Hinted)?.hint { text += "  hint: \(hint)\n" }
        return text
    }

    /// An error's own words; for Foundation's errors, their localized text.
    static func describe(_ error: any Error) -> String {
        if let localized = error as? any LocalizedError, let text = localized.errorDescription { return text }
        if error is any CustomNSError || type(of: error) is NSError.Type { return error.localizedDescription }
        return String(describing: error)
    }

    private static func finish(_ communicator: any Communicator) throws {
        guard let communicator = communicator as? MPICommunicator else { return }
        try communicator.barrier()
        try MPIEnvironment.finish()
    }
}
