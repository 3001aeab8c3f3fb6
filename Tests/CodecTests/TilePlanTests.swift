import Testing

@testable import Codec
@testable import NVTC

@Suite struct TilePlanTests {
    @Test(arguments: [(1, 1), (64, 64), (512, 768), (768, 512), (17, 4000), (4000, 17), (2300, 3500), (1, 65_535)])
    func tilesCoverTheImageOnce(height: Int, width: Int) {
        let plan = TilePlan(height: height, width: width, alignment: 64)
        #expect(plan.height >= height && plan.height < height + 64 && plan.height % 64 == 0)
        #expect(plan.width >= width && plan.width < width + 64 && plan.width % 64 == 0)
        var area = 0
        for (index, tile) in plan.tiles.enumerated() {
            area += tile.height * tile.width
            #expect(tile.height % 64 == 0 && tile.width % 64 == 0 && tile.height > 0 && tile.width > 0)
            #expect(tile.height * tile.width <= max(2 * TilePlan.area, 64 * TilePlan.widest))
            for (y, x) in [(0, 0), (tile.height - 1, tile.width - 1)] {
                #expect(plan.tile(y: tile.top + y, x: tile.left + x) == index)
            }
        }
        #expect(area == plan.height * plan.width)
    }

    @Test func aPictureHasSomethingForTwoThreads() {
        #expect(TilePlan(height: 512, width: 768, alignment: 64).tiles.count == 2)
        #expect(TilePlan(height: 768, width: 512, alignment: 64).tiles.count == 2)
        #expect(TilePlan(height: 512, width: 768, alignment: 64, isWhole: true).tiles.count == 1)
    }

    @Test func neighborsAreAddedIfThereAreAny() {
        let plan = TilePlan(height: 512, width: 768, alignment: 64)
        #expect(plan.extended(plan.tiles[0], by: 32) == .init(top: 0, left: 0, height: 288, width: 768))
        #expect(plan.extended(plan.tiles[1], by: 32) == .init(top: 224, left: 0, height: 288, width: 768))
    }
}
