// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Stepping

private func statisticsChunksExample(layout: StatisticsLayout) {
    let chunks = StatisticsChunks(layout, least: 1 << 20)   // of 51 MB of gradients: 16 chunks of 3.2 MB, and the sums
    chunks.rows(of: 0)                                      // the last rows
    chunks.rows(of: chunks.count - 1)                       // none: the sums
    StatisticsChunks(whole: layout).count                   // 1
}
