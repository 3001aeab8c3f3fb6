import Foundation
import TestSupport
import Testing

@testable import Reporting

@Suite struct ReportPageTests {
    static let png = PalettePNG.encode(
        width: 3, height: 2, pixels: [0, 1, 0, 1, 0, 1], palette: [ChartColor(0), ChartColor(0xFFFFFF)])

    func page() -> ReportPage {
        var page = ReportPage(title: "A <report> & more", subtitle: "with `code|bar`", footer: "the end")
        page.add(
            "First",
            [
                .paragraph("Text with <tags>, *stars* and `a < b`."),
                .keyValues([("K", "256"), ("λ", "0.1 | 10")]),
                .table(
                    ReportTable(
                        columns: [.init("Method"), .init("Test", unit: "dB", decimals: 2, best: .highest)],
                        rows: [["K-means", 24.104], ["VR-Kmeans", 27.3], ["other", nil], ["also best", 27.301]],
                        caption: "Table.")),
            ])
        page.add(
            "Figures",
            [
                .chart(
                    LineChart(title: "Line", x: Axis("x"), y: Axis("y"), series: [.init("s", y: [1, 2, 3])]),
                    stem: "line",
                    caption: "A line."),
                .figureRow([
                    .init(
                        BarChart(title: "Bars", y: Axis("y"), categories: ["a"], series: [.init("s", [1])]),
                        stem: "bars"),
                    .init(
                        HeatMap(title: "Map", x: Axis("x"), y: Axis("y"), value: Axis("v"), rows: [[1, 2]]),
                        stem: "map"),
                ]),
                .pictures(
                    PictureGrid(
                        rows: [.init("Row", [.init(png: Self.png, stem: "one", caption: ["original", "∞ dB"])])],
                        caption: "Pictures.")),
            ])
        page.add("Figures", [.code("lloyd train <config>\n```\n")])
        return page
    }

    @Test func pageIsSelfContained() throws {
        let html = try page().html()
        #expect(!html.lowercased().contains("http"))
        #expect(!html.lowercased().contains("<script"))
        #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("<link"))
        // Everything that loads is inside.
        let sources =
            html.components(separatedBy: "src=\"").dropFirst() + html.components(separatedBy: " href=\"").dropFirst()
        #expect(!sources.isEmpty)
        #expect(sources.allSatisfy { $0.hasPrefix("data:image/png;base64,") || $0.hasPrefix("#") })
        #expect(html.contains("<title>A &lt;report&gt; &amp; more</title>"))
        #expect(html.contains("<code>a &lt; b</code>"))
        #expect(html.contains("<td class=\"n best\">27.30</td>"))
        #expect(html.components(separatedBy: "class=\"n best\"").count == 3)
        // Two sections of one name have two anchors.
        #expect(html.contains("id=\"figures\"") && html.contains("id=\"figures-2\""))
    }

    /// The page is written so that an XML parser can read its body too: every element is closed and escaped.
    @Test func pageIsWellFormed() throws {
        let html = try page().html()
        let body = html[html.range(of: "<body>")!.lowerBound..<html.range(of: "</html>")!.lowerBound]
        let closed = body.replacingOccurrences(
            of: "(<img [^>]*)>", with: "$1/>", options: .regularExpression)
        let xml = XMLReading(closed)
        #expect(xml.problem == nil)
        // A chart is there for wide and for narrow screens; those in a row once.
        #expect(xml.count("svg") >= 4)
        #expect(xml.count("img") == 1)
    }

    @Test(.enabled(if: SVGRasterizer.find() != nil, "rsvg-convert (librsvg2-bin) is not installed"))
    func writesAllFiles() throws {
        try ScratchFolder.withURL { top in
            let folder = top.appendingPathComponent("a/b")
            let written = try page().write(to: folder.path, data: ["x": Double.nan, "y": 1.5])
            #expect(written.notes.isEmpty)
            let expected = [
                "index.html", "pictures/one.png", "plots/bars.png", "plots/bars.svg", "plots/line.png",
                "plots/line.svg",
                "plots/map.png", "plots/map.svg", "report.json", "report.md",
            ]
            #expect(written.files.sorted() == expected)
            let found = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            // Nothing else, above all no temporary file.
            #expect(found.filter { $0 != "plots" && $0 != "pictures" }.sorted() == expected)
            for name in ["line", "bars", "map"] {
                #expect(XMLReading(try read(folder, "plots/\(name).svg")).problem == nil)
                let data = try Data(contentsOf: folder.appendingPathComponent("plots/\(name).png"))
                #expect(PNGHeader.size(of: data)?.width == 1440)
            }
            #expect(try read(folder, "report.json") == "{\n  \"x\": null,\n  \"y\": 1.5\n}\n")
            let markdown = try read(folder, "report.md")
            #expect(markdown.contains("![Line](plots/line.png)"))
            #expect(markdown.contains("pictures/one.png"))
            #expect(markdown.contains("| **27.30** |"))
            #expect(markdown.contains("\\<tags\\>"))
            #expect(markdown.contains("````\nlloyd train"))
            // A second time over the first.
            #expect(try page().write(to: folder.path, data: 1).files.count == expected.count)
        }
    }

    @Test func withoutRasterizerThePageIsWrittenAndSaysSo() throws {
        try ScratchFolder.withURL { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("plots"), withIntermediateDirectories: true)
            let stale = folder.appendingPathComponent("plots/line.png")
            try Data("old".utf8).write(to: stale)
            let written = try page().write(to: folder.path, data: 1, rasterizer: SVGRasterizer.find(path: folder.path))
            #expect(written.notes.count == 1 && written.notes[0].contains("apt-get install librsvg2-bin"))
            #expect(!FileManager.default.fileExists(atPath: stale.path))
            #expect(try read(folder, "report.md").contains("![Line](plots/line.svg)"))
            #expect(try read(folder, "index.html").contains("<svg"))
            let broken = SVGRasterizer(executable: URL(fileURLWithPath: "/bin/false"))
            #expect(try page().write(to: folder.path, data: 1, rasterizer: broken).notes.count == 3)
        }
    }

    @Test func badPagesAreErrorsBeforeAnythingIsWritten() throws {
        try ScratchFolder.withURL { top in
            let folder = top.appendingPathComponent("new")
            let chart = LineChart(title: "t", x: Axis("x"), y: Axis("y"), series: [])
            let blocks: [(ReportBlock, String)] = [
                (.chart(chart, stem: "../x"), "“../x”"), (.chart(chart, stem: ""), "“”"),
                (.figureRow([.init(chart, stem: "a"), .init(chart, stem: "A")]), "“A”"),
                (
                    .pictures(PictureGrid(rows: [.init("r", [.init(png: Data([1, 2]), stem: "p", caption: [])])])),
                    "pictures/p.png"
                ),
                (
                    .table(ReportTable(columns: [.init("a")], rows: [[1], [1, 2]], caption: "c")),
                    "row 2 has 2 cells for 1"
                ),
            ]
            for (block, words) in blocks {
                do {
                    try ReportPage(title: "t", sections: [ReportSection("s", [block])]).write(to: folder.path, data: 1)
                    Issue.record("no error for \(words)")
                } catch { #expect("\(error)".contains(words)) }
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    @Test func unwritableFoldersAreNamed() throws {
        try ScratchFolder.withURL { folder in
            let file = folder.appendingPathComponent("file")
            try Data().write(to: file)
            let page = ReportPage(title: "t")
            for target in [file, file.appendingPathComponent("below")] {
                do {
                    try page.write(to: target.path, data: 1)
                    Issue.record("no error")
                } catch { #expect("\(error)".contains(file.path) && "\(error)".contains("choose another folder")) }
            }
            let taken = folder.appendingPathComponent("taken")
            try FileManager.default.createDirectory(
                at: taken.appendingPathComponent("index.html"), withIntermediateDirectories: true)
            do {
                try page.write(to: taken.path, data: 1)
                Issue.record("no error")
            } catch { #expect("\(error)".contains("index.html: a folder has the name")) }
            let left = try FileManager.default.contentsOfDirectory(atPath: taken.path)
            #expect(!left.contains { $0.hasSuffix(".tmp") })
        }
    }

    /// /dev/full fails every write as a full disk does.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
    func fullDiskIsAnErrorWithRemedy() throws {
        try ScratchFolder.withURL { folder in
            let file = folder.appendingPathComponent("report.json")
            try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/full")
            do {
                _ = try page().write(to: folder.path, data: 1, rasterizer: nil)
                Issue.record("no error")
            } catch { #expect("\(error)".contains(file.path) && "\(error)".contains("free some space")) }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == "/dev/full")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!left.contains { $0.hasPrefix(".") } && !left.contains("index.html"))
        }
    }
}
