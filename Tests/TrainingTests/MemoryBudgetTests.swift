import Testing

@testable import Training

@Suite struct MemoryBudgetTests {
    @Test func whatFitsIsAllowed() throws {
        try MemoryBudget.require(bytes: 0, key: "k", what: "x")
        try MemoryBudget.require(bytes: MemoryBudget.physical, key: "k", what: "x")
    }

    @Test(arguments: [MemoryBudget.physical + 1, Int.max - 1, Int.max, nil])
    func whatCannotFitIsRefused(bytes: Int?) {
        let error = #expect(throws: TrainingError.self) {
            try MemoryBudget.require(bytes: bytes, key: "data.count", what: "the training data")
        }
        #expect("\(error!)".contains("`data.count`") && "\(error!)".contains("the training data"))
    }

    @Test func productsThatOverflowAreNil() {
        #expect(MemoryBudget.product(3, 5, 7) == 105)
        #expect(MemoryBudget.product() == 1)
        #expect(MemoryBudget.product(1 << 40, 1 << 40) == nil)
        #expect(MemoryBudget.product(0, Int.max) == 0)
    }
}
