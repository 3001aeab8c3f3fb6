import COpenMPI
import Foundation
import Messaging

/// Times the two exchanges of an ordered reduction (all-to-all of segments, gather of segments) against MPI_Allreduce.
///
///     mpirun -n 2 MessagingCheck bench
///     //     bytes   exchange us   MPI_Allreduce us   ratio
///     //   1048576         ...                 ...     ...
///     // the additions of the reduction are not included; medians of many rounds
enum Bench {
    static func run(_ world: any Communicator, seconds: Double) throws {
        if world.rank == 0 {
            print("start \(String(format: "%.3f", seconds)) s on \(world.size) ranks")
            print("     bytes   all-to-all us   gather us   MPI_Allreduce us   ratio")
        }
        for count in [64, 1024, 65536, 262_144, 1 << 20, 4 << 20, 16 << 20] {
            let (exchange, gather) = try measure(world, count: count)
            let peer = world is MPICommunicator ? try allReduce(world, count: count) : .nan
            guard world.rank == 0 else { continue }
            print(
                String(
                    format: "%10d %15.1f %11.1f %18.1f %7.2f", count * 4, exchange * 1e6, gather * 1e6, peer * 1e6,
                    (exchange + gather) / peer))
        }
    }

    private static func measure(_ world: any Communicator, count: Int) throws -> (Double, Double) {
        let size = world.size
        let share = count / size
        let counts = [Int](repeating: share, count: size)
        let offsets = (0..<size).map { $0 * share }
        let send = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        let receive = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        defer {
            send.deallocate()
            receive.deallocate()
        }
        send.initialize(repeating: 1)
        receive.initialize(repeating: 0)
        let exchange = try median(world, count: count) {
            try world.allToAll(
                send: UnsafeBufferPointer(send), sendCounts: counts, sendOffsets: offsets, receive: receive,
                receiveCounts: counts, receiveOffsets: offsets)
        }
        let gather = try median(world, count: count) { try world.allGather(receive, counts: counts, offsets: offsets) }
        return (exchange, gather)
    }

    private static func allReduce(_ world: any Communicator, count: Int) throws -> Double {
        let send = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let receive = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer {
            send.deallocate()
            receive.deallocate()
        }
        send.initialize(repeating: 1, count: count)
        receive.initialize(repeating: 0, count: count)
        return try median(world, count: count) {
            let code = MPI_Allreduce(
                send, receive, Int32(count), lloyd_mpi_float(), lloyd_mpi_sum(), lloyd_mpi_comm_world())
            precondition(code == MPI_SUCCESS)
        }
    }

    private static func median(_ world: any Communicator, count: Int, _ body: () throws -> Void) throws -> Double {
        for _ in 0..<3 { try body() }
        let rounds = min(400, max(15, (64 << 20) / (count * 4)))
        var times: [Double] = []
        for _ in 0..<rounds {
            try world.barrier()
            let start = ContinuousClock.now
            try body()
            times.append((ContinuousClock.now - start) / .seconds(1))
        }
        return times.sorted()[rounds / 2]
    }
}
