/// A table of results: text left, numbers right with the same decimals in a column, the best of a column in bold.
///
///     let table = ReportTable(
///         columns: [.init("Method"), .init("Train", decimals: 4), .init("Test", decimals: 4, best: .lowest)],
///         rows: [["K-means", 0.6727, 1.0054], ["VR-Kmeans", 0.8441, 0.9413]],
///         caption: "Table I. Distortion, means of five trials.")
public struct ReportTable: Sendable {
    /// What one cell holds.
    public enum Cell: Sendable, Equatable {
        case text(String)
        case number(Double)
        case empty
    }

    /// Which number of a column is set in bold.
    public enum Best: Sendable { case none, lowest, highest }

    /// The head of a column, and how its numbers are printed.
    public struct Column: Sendable {
        /// What the cells hold.
        public var title: String
        /// Shown beside the title; may be empty.
        public var unit: String
        /// Digits behind the point; nil prints about four significant digits.
        public var decimals: Int?
        /// Which number is set in bold.
        public var best: Best

        public init(_ title: String, unit: String = "", decimals: Int? = nil, best: Best = .none) {
            self.title = title
            self.unit = unit
            self.decimals = decimals
            self.best = best
        }
    }

    /// From left to right.
    public var columns: [Column]
    /// From top to bottom, a cell for each column.
    public var rows: [[Cell]]
    /// Below the table; may be empty.
    public var caption: String

    /// Every row has as many cells as there are columns; writing the page throws otherwise.
    public init(columns: [Column], rows: [[Cell]], caption: String = "") {
        self.columns = columns
        self.rows = rows
        self.caption = caption
    }
}

extension ReportTable.Cell: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(nilLiteral: ()) { self = .empty }
}

extension ReportTable {
    /// A cell as it is printed.
    struct PrintedCell: Equatable {
        var text: String
        var isBest: Bool
    }

    /// A column of numbers, possibly with empty cells, stands on the right.
    func isNumeric(_ column: Int) -> Bool {
        var numbers = 0
        for row in rows where column < row.count {
            switch row[column] {
            case .number: numbers += 1
            case .text(let text) where text != NumberText.missing && !text.isEmpty: return false
            default: break
            }
        }
        return numbers > 0
    }

    /// All rows as text. Numbers that print alike are equally good.
    func printed() -> [[PrintedCell]] {
        var texts = rows.map { row in
            columns.indices.map { column -> PrintedCell in
                guard column < row.count else { return PrintedCell(text: "", isBest: false) }
                switch row[column] {
                case .text(let text): return PrintedCell(text: text, isBest: false)
                case .empty: return PrintedCell(text: NumberText.missing, isBest: false)
                case .number(let value):
                    let text = columns[column].decimals.map { NumberText.fixed(value, decimals: $0) }
                    return PrintedCell(text: text ?? NumberText.short(value), isBest: false)
                }
            }
        }
        for (index, column) in columns.enumerated() where column.best != .none {
            var best: (value: Double, row: Int)?
            for (row, cells) in rows.enumerated() where index < cells.count {
                guard case .number(let value) = cells[index], !value.isNaN else { continue }
                if best == nil || (column.best == .lowest ? value < best!.value : value > best!.value) {
                    best = (value, row)
                }
            }
            guard let best else { continue }
            let text = texts[best.row][index].text
            for row in texts.indices where rows[row].count > index && texts[row][index].text == text {
                texts[row][index].isBest = true
            }
        }
        return texts
    }
}
