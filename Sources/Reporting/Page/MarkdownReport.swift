import Foundation

/// The same report as Markdown, with figures and pictures as files beside it.
struct MarkdownReport {
    private(set) var text = ""
    private var figureNumber = 0
    private var tableNumber = 0
    private let rasterized: Set<String>

    /// `rasterized` names the figures that have a PNG; the others are referenced as SVG.
    init(_ page: ReportPage, rasterized: Set<String>) {
        self.rasterized = rasterized
        text = "# \(Self.escape(page.title))\n"
        if !page.subtitle.isEmpty { text += "\n\(Self.inline(page.subtitle))\n" }
        for section in page.sections {
            text += "\n## \(Self.escape(section.heading))\n"
            for block in section.blocks { add(block) }
        }
        if !page.footer.isEmpty { text += "\n---\n\n\(Self.inline(page.footer))\n" }
    }

    private mutating func add(_ block: ReportBlock) {
        text += "\n"
        switch block {
        case .paragraph(let paragraph): text += Self.inline(paragraph) + "\n"
        case .keyValues(let facts):
            text += "| | |\n|:--|:--|\n"
            for fact in facts { text += "| \(Self.cell(fact.key)) | \(Self.cell(fact.value)) |\n" }
        case .table(let table): add(table)
        case .figure(let figure): add(figure)
        case .figureRow(let figures):
            for (index, figure) in figures.enumerated() {
                if index > 0 { text += "\n" }
                add(figure)
            }
        case .pictures(let grid): add(grid)
        case .code(let code, let caption):
            // The fence is longer than any row of backticks inside.
            var fence = "```"
            while code.contains(fence) { fence += "`" }
            text += "\(fence)\n\(code)\(code.hasSuffix("\n") ? "" : "\n")\(fence)\n"
            if !caption.isEmpty { text += "\n\(Self.inline(caption))\n" }
        }
    }

    private mutating func add(_ table: ReportTable) {
        let titles = table.columns.map { Self.cell($0.unit.isEmpty ? $0.title : "\($0.title) (\($0.unit))") }
        text += "| \(titles.joined(separator: " | ")) |\n|"
        text += table.columns.indices.map { table.isNumeric($0) ? "--:" : ":--" }.joined(separator: "|") + "|\n"
        for row in table.printed() {
            let cells = row.map { $0.isBest ? "**\(Self.cell($0.text))**" : Self.cell($0.text) }
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        text += "\n"
        addCaption("Table", \.tableNumber, table.caption)
    }

    private mutating func add(_ figure: ReportFigure) {
        let file = "plots/\(figure.stem).\(rasterized.contains(figure.stem) ? "png" : "svg")"
        text += "![\(Self.escape(figure.chart.title))](\(file))\n"
        text += "\n"
        addCaption("Figure", \.figureNumber, figure.caption)
    }

    private mutating func add(_ grid: PictureGrid) {
        for row in grid.rows where !row.pictures.isEmpty {
            if !row.label.isEmpty { text += "**\(Self.inline(row.label))**\n\n" }
            let pictures = row.pictures.map { "![\(Self.cell($0.caption.first ?? $0.stem))](pictures/\($0.stem).png)" }
            text += "| \(pictures.joined(separator: " | ")) |\n"
            text += "|\(row.pictures.map { _ in ":--" }.joined(separator: "|"))|\n"
            let captions = row.pictures.map { $0.caption.map(Self.cell).joined(separator: "<br>") }
            text += "| \(captions.joined(separator: " | ")) |\n\n"
        }
        addCaption("Figure", \.figureNumber, grid.caption)
    }

    private mutating func addCaption(
        _ kind: String, _ counter: WritableKeyPath<MarkdownReport, Int>, _ caption: String
    ) {
        guard !caption.isEmpty else { return }
        self[keyPath: counter] += 1
        text += "*\(kind) \(self[keyPath: counter]).* \(Self.inline(caption))\n"
    }

    /// Text whose signs Markdown would otherwise read as layout.
    ///
    /// Scalar by scalar: a sign that a mark follows, such as "<" before U+0600, is a sign nonetheless.
    static func escape(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~":
                safe.append("\\")
                safe.append(scalar)
            case "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}": safe.append(" ")
            case "\u{0}"..."\u{1F}" where scalar != "\t": safe.append("\u{FFFD}")
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }

    /// The parts of a text between backticks, scalar by scalar: those of odd number are code.
    private static func parts(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "`", omittingEmptySubsequences: false).map { String($0) }
    }

    /// Like `escape`, but words between backticks stay code.
    static func inline(_ text: String) -> String {
        let parts = parts(text)
        guard parts.count % 2 == 1 else { return escape(text) }
        return parts.enumerated().map { $0 % 2 == 1 ? "`\(oneLine($1))`" : escape($1) }.joined()
    }

    /// Code on one line: a line break could begin a block, and a table ends there.
    private static func oneLine(_ code: String) -> String {
        String(String.UnicodeScalarView(code.unicodeScalars.map { "\n\r".unicodeScalars.contains($0) ? " " : $0 }))
    }

    /// Like `inline`, inside a table: a bar ends the cell even in code.
    private static func cell(_ text: String) -> String {
        let parts = parts(text)
        guard parts.count % 2 == 1 else { return escape(text) }
        return parts.enumerated().map { index, part in
            guard index % 2 == 1 else { return escape(part) }
            let scalars = oneLine(part).unicodeScalars.flatMap { $0 == "|" ? ["\\", $0] : [$0] }
            return "`\(String(String.UnicodeScalarView(scalars)))`"
        }.joined()
    }
}
