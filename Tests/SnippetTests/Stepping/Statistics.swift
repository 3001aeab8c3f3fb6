// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func statisticsExample() {
    let layout = StatisticsLayout(rows: 256, columns: 47, sums: 257)
    layout.bulk                                             // 12032 floats
    layout.sumsOffset                                       // 48128: where the doubles begin
    layout.bytes                                            // 50184
}

private func touchedRowExample(statistics: Statistics, vector: [Float], codeword: Int, dimension: Int) {
    let row = statistics.touchRow(codeword)                 // zeroed at its first touch
    for j in 0..<dimension { row[j] += vector[j] }
    statistics.sums[codeword] += 1
}
