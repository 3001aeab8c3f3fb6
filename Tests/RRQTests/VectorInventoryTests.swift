import Testing

@testable import RRQ

/// The one list of the sets that a run holds.
@Suite struct VectorInventoryTests {
    private func inventory(
        isImage: Bool = true, test: Int = 20, heldOut: Int = 0, factor: Int? = nil, comparison: Int = 0
    ) -> VectorInventory {
        var settings = RRQRecipe.Settings()
        settings.superResolutionFactor = factor
        settings.comparisonLayers = comparison
        return VectorInventory(
            settings: settings, dimension: 1024, isImage: isImage, train: 80, test: test, heldOut: heldOut)
    }

    @Test func everySetIsHeldThatTheSettingsAskFor() {
        #expect(inventory(isImage: false).uses == [.train, .test, .activeEntries])
        #expect(inventory().uses == [.train, .test, .originals, .pixels, .activeEntries])
        #expect(inventory(test: 0).uses == [.train, .test, .activeEntries])
        #expect(
            inventory(factor: 8).uses == [.train, .test, .bicubic, .plain, .originals, .pixels, .activeEntries])
        #expect(inventory(heldOut: 10, factor: 8, comparison: 3).uses == VectorUse.allCases)
    }

    @Test func itemsAndBytesAreThoseOfAllSets() throws {
        let whole = inventory(heldOut: 10, factor: 8, comparison: 3)
        #expect(whole.count { $0.stage == .loading } == 80 + 3 * 20 + 2 * 10)
        #expect(whole.count { $0.isEncoded } == 80 + 3 * 20 + 10)
        // A vector takes a page of 4096 bytes.
        let bytes = try #require(whole.bytes(owned: 0..<10, shards: 10))
        #expect(bytes.needed == 4096 * (3 * 80 + 8 * 20 + 3 * 10))
        #expect(bytes.scratchOnly == 4096 * 80 && bytes.largest == 4096 * 8)
        let half = try #require(whole.bytes(owned: 0..<5, shards: 10))
        #expect(2 * half.needed == bytes.needed)
    }

    @Test func whatNoMachineHoldsOverflows() {
        let huge = VectorInventory(
            settings: RRQRecipe.Settings(), dimension: 1 << 40, isImage: false, train: 1 << 40, test: 0, heldOut: 0)
        #expect(huge.bytes(owned: 0..<1, shards: 1) == nil)
    }
}
