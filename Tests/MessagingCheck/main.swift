// The program that MessagingTests runs on several ranks: mpirun -n 3 MessagingCheck WHAT [NUMBER ...]
import Foundation
import Messaging
import TestSupport

struct Planned: Error, ExitCoded, Hinted, CustomStringConvertible {
    let exitCode: Int32
    var description: String { "a planned error" }
    var hint: String? { "nothing is wrong" }
}

let words = Array(CommandLine.arguments.dropFirst())
let numbers = words.dropFirst().map { Int($0) ?? -1 }

func number(_ index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }

nonisolated(unsafe) var asked: sig_atomic_t = 0

let began = ContinuousClock.now
let world: any Communicator =
    words.first == "singleton" ? try MPIEnvironment.start() : try MPIEnvironment.startIfLaunched()
let startSeconds = (ContinuousClock.now - began) / .seconds(1)

let code: Int32 = Job.run(world, context: "checking \(words.first ?? "nothing")") {
    switch words.first {
    case "checks", "large", "singleton":
        // Segments of more than this many elements take the path that is meant for more than 2^31.
        if words.first == "large" { SegmentShape.limit = number(0) }
        for check in CommunicatorChecks.all { try check.run(world) }
        if world.rank == 0 { print("\(CommunicatorChecks.all.count) checks passed on \(world.size) ranks") }
    case "huge": try Huge.run(world)
    case "bench": try Bench.run(world, seconds: startSeconds)
    case "fail":  // fail RANK CODE: one rank throws while the others wait for it
        if world.rank == number(0) { throw Planned(exitCode: Int32(number(1))) }
        try world.barrier()
    case "fail-all": throw Planned(exitCode: Int32(number(0)))
    case "kill":  // kill RANK: one rank is killed while the others wait for it
        if world.rank == number(0) { kill(getpid(), SIGKILL) }
        try world.barrier()
    case "drop":
        var memory = [Int32](repeating: 0, count: world.size)
        try memory.withUnsafeMutableBufferPointer { buffer in
            _ = try world.startAllGather(
                buffer, counts: Array(repeating: 1, count: world.size), offsets: Array(0..<world.size))
            try world.barrier()
        }
    case "length":  // rank 0 broadcasts more than the others expect
        var memory = [Int32](repeating: 0, count: world.rank == 0 ? 100 : 10)
        try memory.withUnsafeMutableBufferPointer { try world.broadcast($0, root: 0) }
        try world.barrier()
    case "exit": return Int32(number(0))  // all ranks agree to leave with this code
    case "signal":  // until a rank has received SIGUSR1, then all leave with 75
        signal(SIGUSR1) { _ in asked = 1 }
        // All ranks have their handlers before anybody learns that they may be signalled.
        try world.barrier()
        if world.rank == 0 { print("waiting for a signal") }
        fflush(stdout)
        while try world.allGather(value: Int32(asked)).allSatisfy({ $0 == 0 }) { usleep(10_000) }
        return 75
    case "about":
        if world.rank == 0 {
            print(MPIEnvironment.libraryVersion)
            print(MPIEnvironment.standardVersion, MPIEnvironment.threadLevel.map { "\($0)" } ?? "not started")
        }
    default: throw Planned(exitCode: 2)
    }
    return 0
}
exit(code)
