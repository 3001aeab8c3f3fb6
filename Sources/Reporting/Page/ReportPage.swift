import Foundation

/// A report: sections of text, tables, charts and pictures, written as one HTML page and as Markdown with files beside
/// it.
///
///     var page = ReportPage(title: "RRQ on faces", subtitle: "100 layers of 256 codewords")
///     page.add("Distortion", [
///         .paragraph("Train and test distortion stay together."),
///         .chart(curves, stem: "distortion", caption: "Distortion after each layer.")])
///     let written = try page.write(to: "Reports/faces", data: results)
///
/// The page needs no network, no script and no file beside it.
public struct ReportPage: Sendable {
    /// The heading of the page.
    public var title: String
    /// Below it; may be empty.
    public var subtitle: String
    /// In reading order.
    public var sections: [ReportSection]
    /// A line at the very end: when, by which version, from which config.
    public var footer: String
    /// Files of data that are written beside the page, by their names.
    public var attachments: [(name: String, data: JSONValue)] = []

    public init(title: String, subtitle: String = "", sections: [ReportSection] = [], footer: String = "") {
        self.title = title
        self.subtitle = subtitle
        self.sections = sections
        self.footer = footer
    }

    /// Appends a section.
    public mutating func add(_ heading: String, _ blocks: [ReportBlock]) {
        sections.append(ReportSection(heading, blocks))
    }
}

/// A heading and what stands under it.
public struct ReportSection: Sendable {
    /// Unique headings make the best links.
    public var heading: String
    /// From top to bottom.
    public var blocks: [ReportBlock]

    public init(_ heading: String, _ blocks: [ReportBlock]) {
        self.heading = heading
        self.blocks = blocks
    }
}

/// One part of a section, from top to bottom.
public enum ReportBlock: Sendable {
    /// Plain text; words between backticks are set as code.
    case paragraph(String)
    /// Settings and facts, in the order given.
    case keyValues([(key: String, value: String)])
    case table(ReportTable)
    case figure(ReportFigure)
    /// Small figures side by side if the page is wide enough.
    case figureRow([ReportFigure])
    case pictures(PictureGrid)
    /// Commands or a config, exactly as they are.
    case code(String, caption: String = "")

    /// A chart; its files are plots/STEM.svg and plots/STEM.png.
    public static func chart(_ chart: any Chart, stem: String, caption: String = "") -> ReportBlock {
        .figure(ReportFigure(chart, stem: stem, caption: caption))
    }
}

/// A chart with the name of its files and the text below it.
public struct ReportFigure: Sendable {
    /// What is drawn.
    public var chart: any Chart
    /// Its files are plots/STEM.svg and plots/STEM.png: letters, digits, `.`, `_` and `-`.
    public var stem: String
    /// Below the chart; may be empty.
    public var caption: String

    public init(_ chart: any Chart, stem: String, caption: String = "") {
        self.chart = chart
        self.stem = stem
        self.caption = caption
    }
}

extension ReportPage {
    /// All figures in reading order.
    var figures: [ReportFigure] {
        sections.flatMap(\.blocks).flatMap { block -> [ReportFigure] in
            switch block {
            case .figure(let figure): [figure]
            case .figureRow(let figures): figures
            default: []
            }
        }
    }

    /// All pictures in reading order.
    var pictures: [PictureGrid.Picture] {
        sections.flatMap(\.blocks).flatMap { block -> [PictureGrid.Picture] in
            if case .pictures(let grid) = block { grid.rows.flatMap(\.pictures) } else { [] }
        }
    }

    /// Finds what cannot be written as asked, before anything is.
    func check() throws {
        try Self.checkStems(figures.map(\.stem), folder: "plots")
        try Self.checkStems(pictures.map(\.stem), folder: "pictures")
        for picture in pictures where PNGHeader.size(of: picture.png) == nil {
            throw LloydError(
                at: "pictures/\(picture.stem).png",
                problem: "the \(picture.png.count) bytes given are not a PNG file",
                remedy: "Encode the picture as PNG first.")
        }
        for section in sections {
            for case .table(let table) in section.blocks {
                guard let row = table.rows.firstIndex(where: { $0.count != table.columns.count }) else { continue }
                throw LloydError(
                    at: "section “\(section.heading)”", item: "table “\(table.caption)”",
                    problem: "row \(row + 1) has \(table.rows[row].count) cells for \(table.columns.count) columns",
                    remedy: "Give every row a cell for every column; nil makes an empty one.")
            }
        }
    }

    private static func checkStems(_ stems: [String], folder: String) throws {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
        var seen: Set<String> = []
        for stem in stems {
            guard !stem.isEmpty, !stem.hasPrefix("."), stem.count <= 200, stem.allSatisfy(allowed.contains) else {
                throw LloydError(
                    at: folder, item: "“\(stem)”", problem: "this cannot be a file name stem",
                    remedy: "Use up to 200 letters, digits, dots, hyphens and underscores, and no dot in front.")
            }
            // Some file systems do not tell upper from lower case.
            guard seen.insert(stem.lowercased()).inserted else {
                throw LloydError(
                    at: folder, item: "“\(stem)”", problem: "two files would have this name",
                    remedy: "Give every chart and picture a stem of its own.")
            }
        }
    }
}
