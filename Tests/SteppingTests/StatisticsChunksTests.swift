import Testing

@testable import Stepping

@Suite struct StatisticsChunksTests {
    @Test func everyRowIsInOnePartFromTheLastToTheFirst() {
        for rows in [2, 7, 64, 257, 4096] {
            for columns in [1, 3, 16, 24, 1000] {
                for (sums, least) in [(0, 1), (5, 64), (1, 4096), (9, 100_000)] {
                    let layout = StatisticsLayout(rows: rows, columns: columns, sums: sums, finishesRows: true)
                    let parts = StatisticsChunks(layout, least: least)
                    var end = layout.rows
                    for part in 0..<parts.count where parts.count > 1 {
                        let bytes = parts.bytes(of: part)
                        if parts.hasSums(part) {
                            #expect(part == parts.count - 1 && parts.rows(of: part).isEmpty)
                            #expect(bytes == layout.sumsOffset..<layout.bytes)
                            continue
                        }
                        let rows = parts.rows(of: part)
                        #expect(rows.upperBound == end && !rows.isEmpty)
                        #expect(bytes == rows.lowerBound * columns * 4..<rows.upperBound * columns * 4)
                        #expect(bytes.lowerBound % 64 == 0)
                        #expect(part == 0 || bytes.count >= least)
                        end = rows.lowerBound
                    }
                    #expect(end == (parts.count > 1 ? 0 : layout.rows))
                }
            }
        }
    }

    @Test func partsAreFew() {
        func count(_ megabytes: Int) -> Int {
            StatisticsChunks(StatisticsLayout(rows: 256 * megabytes, columns: 1024, sums: 3), least: 1 << 20).count
        }
        #expect(count(1) == 1, "too little for two parts")
        #expect([2, 8, 16, 48].map(count) == [3, 9, 17, 17], "the sums are a part of their own")
        #expect(count(1024) == 257, "no part takes much memory")
        for layout in [StatisticsLayout(), .init(sums: 9), .init(rows: 1, columns: 9), .init(rows: 9, columns: 0)] {
            #expect(StatisticsChunks(layout, least: 1).count == 1)
        }
    }
}
