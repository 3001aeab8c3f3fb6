import Testing

@testable import Stepping

@Suite struct StatisticsTests {
    private func row(_ statistics: Statistics, _ index: Int) -> [Float] {
        let columns = statistics.layout.columns
        return (0..<columns).map { statistics.bulk[index * columns + $0] }
    }

    @Test func aRowIsClearedAtItsFirstTouchOnly() {
        let statistics = Statistics(layout: .init(rows: 3, columns: 2, sums: 1))
        for index in 0..<6 { statistics.bulk[index] = 99 }
        statistics.touchRow(1)[0] += 5
        #expect(row(statistics, 1) == [5, 0])
        statistics.touchRow(1)[0] += 1
        #expect(row(statistics, 1) == [6, 0])
        #expect(row(statistics, 0) == [99, 99], "an untouched row is not paid for")
        statistics.touchAllRows()
        #expect(row(statistics, 0) == [0, 0])
        #expect(row(statistics, 1) == [6, 0])
        #expect(row(statistics, 2) == [0, 0])
    }

    /// Whether zeros of other shards are added to it or not, a row that only one shard writes has the same bytes.
    @Test func aRowThatIsHandedOverHoldsNoNegativeZero() {
        let statistics = Statistics(layout: .init(rows: 1, columns: 4))
        statistics.handOver(row: 0, [-0.0, 0.0, -1.5], count: 3)
        #expect(row(statistics, 0).map(\.bitPattern) == [0, 0, Float(-1.5).bitPattern, 0])
    }

    @Test func additionTakesRowsThatOnlyOneSideTouched() {
        let layout = StatisticsLayout(rows: 4, columns: 2, sums: 2)
        let (first, second) = (Statistics(layout: layout), Statistics(layout: layout))
        for index in 0..<8 {
            first.bulk[index] = 99
            second.bulk[index] = 77
        }
        first.touchRow(0)[1] = 1
        second.touchRow(1)[0] = 2
        first.touchRow(2)[0] = 3
        second.touchRow(2)[0] = 4
        first.sums[0] = 0.5
        second.sums[1] = 0.25
        first.add(second)
        first.touchAllRows()
        #expect((0..<4).map { row(first, $0) } == [[0, 1], [2, 0], [7, 0], [0, 0]])
        #expect(Array(first.sums) == [0.5, 0.25])
    }

    @Test func anotherLayoutStartsFromZero() {
        let statistics = Statistics(layout: .init(rows: 2, columns: 3, sums: 4))
        statistics.touchRow(1)[2] = 8
        statistics.sums[3] = 8
        for layout in [
            StatisticsLayout(rows: 6, columns: 1, sums: 2), .init(sums: 9), .init(rows: 1, columns: 50), .init(),
            .init(rows: 2, columns: 3, sums: 4),
        ] {
            statistics.reset(layout: layout)
            #expect(statistics.layout == layout)
            #expect(statistics.sums.count == layout.sums)
            #expect(statistics.sums.allSatisfy { $0 == 0 })
            statistics.touchAllRows()
            #expect((0..<layout.bulk).allSatisfy { statistics.bulk[$0] == 0 })
            // Something for the next layout to forget.
            for index in 0..<layout.bulk { statistics.bulk[index] = 5 }
            for index in 0..<layout.sums { statistics.sums[index] = 5 }
        }
    }

    @Test func bytesOfALayout() {
        // The sums start at a cache line of their own.
        #expect(StatisticsLayout(rows: 3, columns: 5, sums: 2).bytes == 64 + 2 * 8)
        #expect(StatisticsLayout(sums: 2).bytes == 2 * 8)
    }
}
