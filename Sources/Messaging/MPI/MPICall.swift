import COpenMPI

/// Turns the return codes of MPI calls into `MessagingError`, with MPI's own text.
///
///     let calls = MPICall(rank: 2, host: "node17")
///     try calls.check("MPI_Barrier", MPI_Barrier(communicator))
///     // throws MessagingError: MPI_Barrier failed on rank 2 (node17): MPI_ERR_COMM: invalid communicator
struct MPICall: Sendable {
    let rank: Int
    let host: String

    /// Throws unless `code` is MPI_SUCCESS.
    @inline(__always)
    func check(_ call: StaticString, _ code: Int32) throws {
        if code != MPI_SUCCESS { throw error(call, code) }
    }

    /// The error for a return code.
    @inline(never)
    func error(_ call: StaticString, _ code: Int32) -> MessagingError {
        var reason = Self.text(of: code)
        var errorClass: Int32 = 0
        if MPI_Error_class(code, &errorClass) == MPI_SUCCESS, errorClass == MPI_ERR_TRUNCATE {
            reason += " (the ranks passed different lengths to the same call)"
        }
        return MessagingError(call: "\(call)", rank: rank, host: host, reason: reason)
    }

    /// An error that Lloyd found itself, before calling MPI.
    func refused(_ call: StaticString, _ reason: String) -> MessagingError {
        MessagingError(call: "\(call)", rank: rank, host: host, reason: reason)
    }

    /// MPI_Error_string's text for a return code.
    static func text(of code: Int32) -> String {
        var characters = [CChar](repeating: 0, count: 4096)
        var length: Int32 = 0
        guard MPI_Error_string(code, &characters, &length) == MPI_SUCCESS, length > 0 else {
            return "MPI error \(code)"
        }
        return String(decoding: characters.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
