import Numerics
import TestSupport
import Testing

@testable import Training

@Suite struct MemoryBudgetTests {
    @Test func whatFitsIsAllowed() throws {
        try MemoryBudget.require(bytes: 0, key: "k", what: "x")
        try MemoryBudget.require(bytes: MemoryBudget.limit.bytes, key: "k", what: "x")
    }

    @Test(arguments: [MemoryBudget.limit.bytes + 1, Int.max - 1, Int.max, nil])
    func whatCannotFitIsRefused(bytes: Int?) {
        let error = #expect(throws: LloydError.self) {
            try MemoryBudget.require(bytes: bytes, key: "data.count", what: "the training data")
        }
        #expect("\(error!)".contains("`data.count`") && "\(error!)".contains("the training data"))
    }

    /// A machine with 16 GB, and with a control group if it has a limit.
    private func machine(group: Int?) throws -> Machine {
        try ScratchFolder.with { root in
            try root.write("MemTotal: 16000000 kB\n", to: "proc/meminfo")
            try root.write("0::/job\n", to: "proc/self/cgroup")
            if let group { try root.write("\(group)\n", to: "sys/fs/cgroup/job/memory.max") }
            return Machine(root: root.path)
        }
    }

    @Test func theLeastLimitCounts() throws {
        let whole = try machine(group: nil)
        #expect(
            MemoryBudget.limit(of: whole, addressSpace: nil, data: nil)
                == .init(bytes: 16_000_000 << 10, name: "this machine's memory"))
        let group = try machine(group: 1 << 30)
        let limit = MemoryBudget.limit(of: group, addressSpace: 2 << 30, data: nil)
        #expect(limit == .init(bytes: 1 << 30, name: "the control group's memory"))
        #expect(MemoryBudget.limit(of: group, addressSpace: 3 << 20, data: 2 << 20).name.contains("ulimit -d"))
        #expect(MemoryBudget.limit(of: group, addressSpace: 3 << 20, data: nil).name.contains("ulimit -v"))
        try MemoryBudget.require(bytes: 1 << 30, key: "k", what: "x", within: limit)
        let error = #expect(throws: LloydError.self) {
            try MemoryBudget.require(bytes: 3 << 30, key: "k", what: "the training data", within: limit)
        }
        #expect("\(error!)".contains("would take 3072 MiB in each rank, but the control group's memory"))
    }

    @Test func productsThatOverflowAreNil() {
        #expect(MemoryBudget.product(3, 5, 7) == 105)
        #expect(MemoryBudget.product() == 1)
        #expect(MemoryBudget.product(1 << 40, 1 << 40) == nil)
        #expect(MemoryBudget.product(0, Int.max) == 0)
    }
}
