import Core
import Foundation

/// What `ReportPage.write` left in a folder.
///
///     let written = try page.write(to: "Reports/faces", data: results)
///     written.notes.forEach { print($0) }        // "plots/*.png skipped: rsvg-convert was not found on PATH ..."
public struct WrittenReport: Sendable {
    /// As it was named.
    public let folder: String
    /// Paths relative to the folder, in the order written.
    public let files: [String]
    /// Steps that were left out, each with the remedy.
    public let notes: [String]

    /// The path of the HTML page.
    public var page: String { folder + "/index.html" }
}

extension ReportPage {
    /// The whole page as one HTML file.
    ///
    /// - Throws: `LloydError` for a table row of the wrong length, a picture that is not PNG, a stem that cannot be
    ///   a file name or is used twice.
    public func html() throws -> String {
        try check()
        return HTMLReport(self).text
    }

    /// Writes index.html, report.md, report.json, plots/ and pictures/, replacing older files one by one and
    /// atomically.
    ///
    /// Without `rsvg-convert` on PATH the plots have no PNG twins; Markdown then shows the SVG, and the result says so.
    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - data: what report.json holds; NaN and infinity become null.
    ///   - inputs: files and folders that the report is made of, which it never replaces.
    /// - Throws: what `html()` throws, before anything is written; `LloydError` naming the path and the remedy when
    ///   a file cannot be written.
    @discardableResult
    public func write(to folder: String, data: some Encodable, inputs: [String] = []) throws -> WrittenReport {
        try write(to: folder, data: data, inputs: inputs, rasterizer: SVGRasterizer.find())
    }

    func write(
        to folder: String, data: some Encodable, inputs: [String] = [], rasterizer: SVGRasterizer?
    ) throws -> WrittenReport {
        let page = try html()
        let json: JSONValue
        do {
            json = try JSONValue(encoding: data)
        } catch {
            throw LloydError(
                at: folder + "/report.json",
                problem: "the data cannot be encoded: \(error)",
                remedy: "Give data that JSON can hold.")
        }
        var files: [String] = []
        var notes: [String] = []
        func write(_ data: Data, _ name: String) throws {
            try OutputFile.write(data, to: folder + "/" + name)
            files.append(name)
        }

        try OutputFile.makeFolder(folder)
        if !inputs.isEmpty {
            for name in outputNames where access(folder + "/" + name, F_OK) == 0 {
                try OutputFile.check(folder + "/" + name, against: inputs)
            }
        }
        if !pictures.isEmpty { try OutputFile.makeFolder(folder + "/pictures") }
        for picture in pictures { try write(picture.png, "pictures/\(picture.stem).png") }

        if !figures.isEmpty { try OutputFile.makeFolder(folder + "/plots") }
        var rasterized: Set<String> = []
        for figure in figures {
            let svg = "plots/\(figure.stem).svg"
            let png = "plots/\(figure.stem).png"
            let drawing = figure.chart.drawing(width: ChartStyle.defaultWidth)
            try write(Data(drawing.document(title: figure.chart.title).utf8), svg)
            do {
                guard let rasterizer else { throw LloydError(at: png, problem: "", remedy: "") }
                try rasterizer.convert(drawing, title: figure.chart.title, to: folder + "/" + png)
                files.append(png)
                rasterized.insert(figure.stem)
            } catch {
                // A twin of an earlier run would show something else than the SVG beside it.
                unlink(folder + "/" + png)
                if rasterizer != nil { notes.append("\(png) skipped: \(error)") }
            }
        }
        if rasterizer == nil && !figures.isEmpty {
            notes.append("plots/*.png skipped: rsvg-convert was not found on PATH. \(SVGRasterizer.remedy)")
        }

        for file in attachments { try write(Data(file.data.prettyText.utf8), file.name) }
        try write(Data(json.prettyText.utf8), "report.json")
        try write(Data(MarkdownReport(self, rasterized: rasterized).text.utf8), "report.md")
        // Last, so that whoever sees the page finds everything it belongs to.
        try write(Data(page.utf8), "index.html")
        return WrittenReport(folder: folder, files: files, notes: notes)
    }

    /// Everything that may be written.
    private var outputNames: [String] {
        pictures.map { "pictures/\($0.stem).png" }
            + figures.flatMap { ["plots/\($0.stem).svg", "plots/\($0.stem).png"] }
            + attachments.map(\.name) + ["report.json", "report.md", "index.html"]
    }
}
