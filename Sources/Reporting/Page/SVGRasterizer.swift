import Core
import Foundation

/// Runs librsvg's `rsvg-convert` to make the PNG twin of an SVG file.
///
///     guard let rasterizer = SVGRasterizer.find() else { return }
///     try rasterizer.convert(chart.drawing(width: 720), title: chart.title, to: "distortion.png")   // 1440 px wide
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
    func convert(_ drawing: Drawing, title: String, to png: String) throws {
        // The three streams are files without a name: none can fill up, and no name can be foreseen or left behind.
        let source = try Self.anonymousFile()
        let (picture, complaints) = (try Self.anonymousFile(), try Self.anonymousFile())
        try source.write(contentsOf: Data(drawing.document(title: title, zoom: Self.zoom).utf8))
        try source.seek(toOffset: 0)
        let process = Process()
        process.executableURL = executable
        process.arguments = ["--zoom=\(Self.zoom)"]
        process.standardInput = source
        process.standardOutput = picture
        process.standardError = complaints
        do {
            try process.run()
        } catch {
            throw LloydError(
                at: executable.path, problem: "cannot be started: \(error.localizedDescription)",
                remedy: Self.remedy)
        }
        process.waitUntilExit()
        try complaints.seek(toOffset: 0)
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let said = try complaints.read(upToCount: 500) ?? Data()
            let words = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw LloydError(
                at: png, problem: "rsvg-convert failed (\(process.terminationStatus)): \(words)",
                remedy: "The SVG beside it is complete; check the disk and the librsvg2-bin package.")
        }
        try picture.seek(toOffset: 0)
        try OutputFile.write(try picture.readToEnd() ?? Data(), to: png)
    }

    private static func anonymousFile() throws -> FileHandle {
        guard let file = tmpfile() else { throw LloydError.system("a temporary file", cannot: "be made", code: errno) }
        defer { fclose(file) }
        return FileHandle(fileDescriptor: dup(fileno(file)), closeOnDealloc: true)
    }
}
