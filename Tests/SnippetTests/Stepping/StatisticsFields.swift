// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func statisticsFieldsExample() {
    struct Fields {
        var layout = StatisticsLayout()
        let means: RowsField, counts: SumsField
        init(codewords: Int, dimension: Int) {
            means = layout.addRows(codewords, columns: dimension)
            counts = layout.addSums(codewords)
        }
    }
}

private func namedFieldsExample(statistics: Statistics, total: Statistics, counts: SumsField, codeword: Int) {
    statistics[counts][codeword] += 1                       // in `map`
    let vectors = total[counts].reduce(0, +)                // in `update`
}
