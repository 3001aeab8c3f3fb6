import Foundation

/// Runs librsvg's `rsvg-convert` to make the PNG twin of an SVG file.
///
///     guard let rasterizer = SVGRasterizer.find() else { return }
///     try rasterizer.convert(chart.drawing(width: 720), title: chart.title, to: pngFile)      // 1440 px wide
struct SVGRasterizer {
    let executable: URL

    /// PNG pixels for each CSS pixel.
    private static let zoom = 2.0

    static let remedy = "Install it with: apt-get install librsvg2-bin"

    /// Looks along PATH.
    static func find(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> SVGRasterizer? {
        for folder in (path ?? "").split(separator: ":") {
            let file = URL(fileURLWithPath: String(folder)).appendingPathComponent("rsvg-convert")
            if access(file.path, X_OK) == 0 { return SVGRasterizer(executable: file) }
        }
        return nil
    }

    /// Writes `png` atomically; throws with what the program said.
    func convert(_ drawing: Drawing, title: String, to png: URL) throws {
        let folder = png.deletingLastPathComponent()
        let temporary = folder.appendingPathComponent(".\(png.lastPathComponent).\(getpid()).tmp")
        let source = folder.appendingPathComponent(".\(png.lastPathComponent).\(getpid()).svg")
        defer {
            unlink(temporary.path)
            unlink(source.path)
        }
        try AtomicFile.write(Data(drawing.document(title: title, zoom: Self.zoom).utf8), to: source)
        let process = Process()
        process.executableURL = executable
        process.arguments = ["--zoom=\(Self.zoom)", "--output=\(temporary.path)", source.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        do {
            try process.run()
        } catch {
            throw ReportingError(
                place: executable.path, problem: "cannot be started: \(error.localizedDescription)",
                remedy: Self.remedy)
        }
        let said = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let words = String(decoding: said.prefix(500), as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
            throw ReportingError(
                place: png.path, problem: "rsvg-convert failed (\(process.terminationStatus)): \(words)",
                remedy: "The SVG beside it is complete; check the disk and the librsvg2-bin package.")
        }
        try AtomicFile.rename(temporary, to: png)
    }
}
