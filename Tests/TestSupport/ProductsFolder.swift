import Foundation

/// Where the build put its programs.
///
///     let lloyd = try ProductsFolder.executable("lloyd")
///     let result = try ChildProcess.run(lloyd, arguments: ["doctor"])
///     #expect(result.status == 0)
public enum ProductsFolder {
    /// A program that was not built.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The folder of the running test program, which is also that of the programs it tests.
    public static let path: String = {
        let running =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: running).deletingLastPathComponent().path
    }()

    /// The path of a program of this package.
    public static func executable(_ name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: file) else {
            throw Missing(description: "there is no program \(name) in \(path); `swift build --build-tests` makes it")
        }
        return file
    }
}
