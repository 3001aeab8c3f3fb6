import Foundation

/// Runs librsvg's `rsvg-convert` to make the PNG twin of an SVG file.
///
///     if let rasterizer = SVGRasterizer.find() { try rasterizer.convert(svgFile, to: pngFile, zoom: 2) }
struct SVGRasterizer {
    let executable: URL

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
    func convert(_ svg: URL, to png: URL, zoom: Double) throws {
        let temporary = png.deletingLastPathComponent().appendingPathComponent(".\(png.lastPathComponent).\(getpid()).tmp")
        defer { unlink(temporary.path) }
        let process = Process()
        process.executableURL = executable
        process.arguments = ["--zoom=\(zoom)", "--output=\(temporary.path)", svg.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        do {
            try process.run()
        } catch {
            throw ReportingError(
                place: executable.path, problem: "cannot be started: \(error.localizedDescription)", remedy: Self.remedy)
        }
        let said = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let words = String(decoding: said.prefix(500), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw ReportingError(
                place: png.path, problem: "rsvg-convert failed (\(process.terminationStatus)): \(words)",
                remedy: "The SVG beside it is complete; check the disk and the librsvg2-bin package.")
        }
        try AtomicFile.rename(temporary, to: png)
    }
}
