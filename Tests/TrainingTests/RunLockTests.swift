import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Training

@Suite struct RunLockTests {
    private func write(_ owner: RunLockOwner, _ folder: ScratchFolder, age seconds: Double = 0) throws {
        try folder.write(try JSONEncoder().encode(owner), to: RunLock.fileName)
        let date = Date().addingTimeInterval(-seconds)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder / RunLock.fileName)
    }

    /// A process of this machine that has ended.
    private func ended() throws -> Int32 {
        let result = try ChildProcess.run("/bin/sh", arguments: ["-c", "echo $$"])
        return Int32(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))!
    }

    @Test func anOwnerThatLivesIsNamed() throws {
        let folder = try ScratchFolder()
        let lock = try RunLock(folder: folder.path)
        let error = #expect(throws: RunFolderRefusal.self) { _ = try RunLock(folder: folder.path) }
        #expect("\(error!)".contains("process \(getpid()) on \(lock.owner.host)"))
        #expect("\(error!)".contains(folder / RunLock.fileName))
        let files: [String] = try folder.files(below: ".")
        #expect(files == [RunLock.fileName], "nothing else is left")
        lock.release()
        try RunLock(folder: folder.path).release()
        let left: [String] = try folder.files(below: ".")
        #expect(left.isEmpty)
    }

    @Test(arguments: 0..<20) func ofManyThatStartAtOnceOneWins(round: Int) throws {
        let folder = try ScratchFolder()
        // In every other round over the lock of an owner that is gone.
        if round % 2 == 1 {
            var gone = RunLockOwner.current()
            gone.pid = try ended()
            try write(gone, folder)
        }
        let winners = Locked<[RunLock]>([])
        let losers = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do {
                let lock = try RunLock(folder: folder.path)
                winners.withLock { $0.append(lock) }
            } catch { losers.wrappingAdd(1, ordering: .relaxed) }
        }
        let count = winners.withLock { $0.count }
        #expect(count == 1 && losers.load(ordering: .relaxed) == 7)
        for lock in winners.withLock({ $0 }) { #expect(throws: Never.self) { try lock.requireOwnership() } }
    }

    @Test func whoIsProvablyGoneIsReplaced() throws {
        let me = RunLockOwner.current()
        func judge(_ change: (inout RunLockOwner) -> Void, silent: Double = 0, as judge: RunLockOwner? = nil)
            -> RunLockOwner.Judgment
        {
            var other = me
            change(&other)
            return (judge ?? me).judge(other, silentSeconds: silent)
        }
        let gone = try ended()
        #expect(judge { _ in } == .alive)
        #expect(judge { $0.pid = gone } == .gone)
        #expect(judge { $0.started += 1 } == .gone, "the number was given to another process")
        // A container of this machine has numbers of its own.
        #expect(judge { $0.namespace = "pid:[1]" } == .unknown)
        #expect(judge { ($0.boot, $0.machine, $0.host) = ("another", "another", "node17") } == .unknown)
        #expect(judge({ ($0.boot, $0.machine, $0.host) = ("another", "another", "node17") }, silent: 601) == .gone)
        #expect(judge({ _ in }, silent: 601) == .alive, "silence says nothing of a process that is seen")
        var one = me
        one.machine = "7d1f"
        #expect(
            judge({ ($0.boot, $0.machine) = ("another", "7d1f") }, as: one) == .gone, "the machine has started anew")
        #expect(me.judge(nil, silentSeconds: 0) == .unknown)
        #expect(me.judge(nil, silentSeconds: 601) == .gone)
    }

    @Test func aLaterStartOfTheSameJobTakesOver() throws {
        func owner(_ variables: [String: String], elsewhere: Bool) -> RunLockOwner {
            var owner = RunLockOwner.current(environment: variables)
            if elsewhere { (owner.boot, owner.machine, owner.host) = ("another", "another", "node17") }
            return owner
        }
        let launch = owner(["LLOYD_JOB": "head-7-1"], elsewhere: false)
        #expect(launch.judge(owner(["LLOYD_JOB": "head-7-1"], elsewhere: true), silentSeconds: 0) == .gone)
        #expect(launch.judge(owner(["LLOYD_JOB": "head-8-1"], elsewhere: true), silentSeconds: 0) == .unknown)
        #expect(launch.judge(owner([:], elsewhere: true), silentSeconds: 0) == .unknown)
        #expect(launch.judge(owner(["LLOYD_JOB": "head-7-1"], elsewhere: false), silentSeconds: 0) == .ending)
        let slurm = owner(["SLURM_JOB_ID": "5", "SLURM_RESTART_COUNT": "1"], elsewhere: false)
        #expect(slurm.judge(owner(["SLURM_JOB_ID": "5"], elsewhere: true), silentSeconds: 0) == .gone)
        // Two runs in one job of Slurm.
        let same = owner(["SLURM_JOB_ID": "5", "SLURM_RESTART_COUNT": "1"], elsewhere: true)
        #expect(slurm.judge(same, silentSeconds: 0) == .unknown)
        let jobless = owner([:], elsewhere: false)
        #expect(jobless.judge(owner([:], elsewhere: true), silentSeconds: 0) == .unknown)
    }

    @Test func locksOfOthersAreTakenOverOnlyWhenTheyAreStale() throws {
        let folder = try ScratchFolder()
        var other = RunLockOwner.current()
        (other.boot, other.machine, other.host) = ("another", "another", "node17")
        try write(other, folder)
        let error = #expect(throws: RunFolderRefusal.self) { _ = try RunLock(folder: folder.path) }
        #expect("\(error!)".contains("on node17"))
        try write(other, folder, age: 3600)
        let lock = try RunLock(folder: folder.path)
        // The other one wakes up, or somebody removes the lock by hand: this one notices before it writes.
        try FileManager.default.removeItem(atPath: folder / RunLock.fileName)
        #expect(throws: LloydError.self) { try lock.requireOwnership() }
        try write(other, folder)
        let taken = #expect(throws: LloydError.self) { try lock.requireOwnership() }
        #expect("\(taken!)".contains("another process"))
        lock.release()
        #expect(try folder.files(below: ".") == [RunLock.fileName], "what is not its own stays")
    }
}
