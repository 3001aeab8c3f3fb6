import Core
import Synchronization
import Testing

@testable import Stepping

@Suite(.timeLimit(.minutes(10))) struct TeamTests {
    struct Broken: Error, Equatable { let item: Int }

    @Test(arguments: [1, 2, 3, 8]) func everyItemOnce(threads: Int) throws {
        let team = Team(threads: threads)
        for count in [0, 1, 2, 3, 100, 1000] {
            let calls = Locked([Int](repeating: 0, count: count))
            try team.forEach(count: count) { item, worker in
                #expect((0..<threads).contains(worker))
                calls.withLock { $0[item] += 1 }
            }
            #expect(calls.withLock { $0 } == Array(repeating: 1, count: count))
        }
    }

    @Test(arguments: [1, 2, 4]) func theLowestItemsErrorIsThrown(threads: Int) throws {
        let team = Team(threads: threads)
        for round in 0..<50 {
            let first = round % 7
            #expect(throws: Broken(item: first)) {
                try team.forEach(count: 64) { item, _ in if item >= first { throw Broken(item: item) } }
            }
            // A failure leaves the team fit for use.
            let done = Atomic<Int>(0)
            try team.forEach(count: 20) { _, _ in done.add(1, ordering: .relaxed) }
            #expect(done.load(ordering: .relaxed) == 20)
        }
    }

    @Test func workersDoNotShareANumber() throws {
        let team = Team(threads: 3)
        let busy = Locked([false, false, false])
        try team.forEach(count: 300) { _, worker in
            #expect(
                busy.withLock {
                    let was = $0[worker]
                    $0[worker] = true
                    return !was
                })
            busy.withLock { $0[worker] = false }
        }
    }

    @Test func aTeamEndsWithItsLastReference() {
        for threads in [1, 2, 4] {
            weak var remembered: Team?
            do {
                let team = Team(threads: threads)
                try? team.forEach(count: 10) { _, _ in }
                remembered = team
            }
            #expect(remembered == nil, "\(threads) threads")
        }
    }
}
