import Foundation

/// Turns a page into one self-contained HTML file.
///
///     let text = HTMLReport(page).text
///
/// Charts are inline SVG, laid out twice (for wide screens and paper, and for phones; the style sheet shows one),
/// pictures are data URIs. Figures and tables are numbered in reading order.
struct HTMLReport {
    private let page: ReportPage
    private(set) var text = ""
    private var figureNumber = 0
    private var tableNumber = 0

    /// From this many sections on there is a table of contents.
    static let contentsFrom = 3
    static let wideChart = ChartStyle.defaultWidth
    static let narrowChart = 360.0

    init(_ page: ReportPage) {
        self.page = page
        let anchors = Self.anchors(page.sections.map(\.heading))
        text += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        text +=
            "<title>\(Markup.escape(page.title))</title>\n<style>\n\(ReportStyle.css)\n</style>\n</head>\n"
        text += "<body>\n<main>\n"
        text += "<header>\n<h1>\(Markup.escape(page.title))</h1>\n"
        if !page.subtitle.isEmpty { text += "<p class=\"subtitle\">\(Self.inline(page.subtitle))</p>\n" }
        text += "</header>\n"
        if page.sections.count >= Self.contentsFrom {
            text += "<nav aria-label=\"Contents\"><ol>\n"
            for (section, anchor) in zip(page.sections, anchors) {
                text += "<li><a href=\"#\(anchor)\">\(Markup.escape(section.heading))</a></li>\n"
            }
            text += "</ol></nav>\n"
        }
        for (section, anchor) in zip(page.sections, anchors) {
            text += "<section>\n<h2 id=\"\(anchor)\">\(Markup.escape(section.heading))</h2>\n"
            for block in section.blocks { add(block) }
            text += "</section>\n"
        }
        if !page.footer.isEmpty { text += "<footer>\(Self.inline(page.footer))</footer>\n" }
        text += "</main>\n</body>\n</html>\n"
    }

    private mutating func add(_ block: ReportBlock) {
        switch block {
        case .paragraph(let paragraph): text += "<p>\(Self.inline(paragraph))</p>\n"
        case .keyValues(let facts): add(facts)
        case .table(let table): add(table)
        case .figure(let figure): add(figure, small: false)
        case .figureRow(let figures):
            text += "<div class=\"row\">\n"
            for figure in figures { add(figure, small: true) }
            text += "</div>\n"
        case .pictures(let grid): add(grid)
        case .code(let code, let caption):
            text += "<figure class=\"code\"><pre>\(Markup.escape(code))</pre>"
            if !caption.isEmpty { text += "<figcaption>\(Self.inline(caption))</figcaption>" }
            text += "</figure>\n"
        }
    }

    private mutating func add(_ facts: [(key: String, value: String)]) {
        text += "<figure><div class=\"scroll\"><table class=\"facts\"><tbody>\n"
        for fact in facts {
            text += "<tr><th scope=\"row\">\(Self.inline(fact.key))</th><td>\(Self.inline(fact.value))</td></tr>\n"
        }
        text += "</tbody></table></div></figure>\n"
    }

    private mutating func add(_ table: ReportTable) {
        let numeric = table.columns.indices.map(table.isNumeric)
        text += "<figure class=\"table\"><div class=\"scroll\"><table>\n<thead><tr>"
        for (index, column) in table.columns.enumerated() {
            let unit = column.unit.isEmpty ? "" : " <span class=\"unit\">\(Self.inline(column.unit))</span>"
            text += "<th scope=\"col\"\(numeric[index] ? " class=\"n\"" : "")>\(Self.inline(column.title))\(unit)</th>"
        }
        text += "</tr></thead>\n<tbody>\n"
        for row in table.printed() {
            text += "<tr>"
            for (index, cell) in row.enumerated() {
                // Narrow screens scroll; a name broken in two to save width reads badly.
                let short = numeric[index] || cell.text.count <= 28
                let classes = (numeric[index] ? ["n"] : short ? ["short"] : []) + (cell.isBest ? ["best"] : [])
                let attribute = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
                text += "<td\(attribute)>\(Self.inline(cell.text))</td>"
            }
            text += "</tr>\n"
        }
        text += "</tbody></table></div>"
        addCaption("Table", \.tableNumber, table.caption)
        text += "</figure>\n"
    }

    private mutating func add(_ figure: ReportFigure, small: Bool) {
        text += "<figure class=\"chart\">\n"
        if small {
            text += figure.chart.inlineSVG(width: Self.narrowChart)
        } else {
            text += "<div class=\"wide\">\(figure.chart.inlineSVG(width: Self.wideChart))</div>\n"
            text += "<div class=\"narrow\">\(figure.chart.inlineSVG(width: Self.narrowChart))</div>\n"
        }
        addCaption("Figure", \.figureNumber, figure.caption)
        text += "</figure>\n"
    }

    private mutating func add(_ grid: PictureGrid) {
        text += "<figure class=\"pictures\">\n"
        for row in grid.rows {
            if !row.label.isEmpty { text += "<div class=\"label\">\(Self.inline(row.label))</div>\n" }
            text += "<div class=\"strip\">\n"
            for picture in row.pictures {
                let size = PNGHeader.size(of: picture.png) ?? (1, 1)
                let width = max(24, min(grid.displayWidth ?? min(size.width, 320), 1016))
                text +=
                    "<div class=\"picture\" style=\"width:\(width)px\">"
                text += "<img width=\"\(size.width)\" height=\"\(size.height)\""
                text += " alt=\"\(Markup.escape(picture.caption.first ?? picture.stem))\""
                text += " src=\"data:image/png;base64,\(picture.png.base64EncodedString())\">"
                text += picture.caption.map { "<div>\(Self.inline($0))</div>" }.joined() + "</div>\n"
            }
            text += "</div>\n"
        }
        addCaption("Figure", \.figureNumber, grid.caption)
        text += "</figure>\n"
    }

    /// Only what has a caption has a number.
    private mutating func addCaption(_ kind: String, _ counter: WritableKeyPath<HTMLReport, Int>, _ caption: String) {
        guard !caption.isEmpty else { return }
        self[keyPath: counter] += 1
        text +=
            "<figcaption><span class=\"number\">\(kind) \(self[keyPath: counter]).</span> "
        text += "\(Self.inline(caption))</figcaption>\n"
    }

    /// Escaped text in which words between backticks are code.
    static func inline(_ text: String) -> String {
        let parts = text.unicodeScalars.split(separator: "`", omittingEmptySubsequences: false).map {
            Markup.escape(String($0))
        }
        // A backtick without a partner is just a backtick.
        guard parts.count % 2 == 1 else { return Markup.escape(text) }
        return parts.enumerated().map { $0 % 2 == 1 ? "<code>\($1)</code>" : $1 }.joined()
    }

    /// A link target for every heading, made of its letters and never twice the same.
    static func anchors(_ headings: [String]) -> [String] {
        var used: Set<String> = []
        return headings.map { heading in
            let letters = heading.lowercased().unicodeScalars.map { scalar -> Character in
                ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
            }
            let words = String(letters).split(separator: "-").joined(separator: "-")
            let base = words.isEmpty ? "section" : words
            var anchor = base
            var count = 2
            while !used.insert(anchor).inserted {
                anchor = "\(base)-\(count)"
                count += 1
            }
            return anchor
        }
    }
}
