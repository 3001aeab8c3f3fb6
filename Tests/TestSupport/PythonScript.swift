import Core
import Foundation

/// Another implementation of the same arithmetic in Python, for live comparisons that are skipped without it.
///
///     @Test(.enabled(if: PythonScript.has("scipy.fft"), "needs SciPy: python3 -m pip install scipy"))
///     func agreesWithSciPy() throws {
///         let script = PythonScript(modules: ["scipy.fft"], "scipy.fft.dctn(...).tofile(sys.argv[1])")
///         try script.run([folder / "out.f64"])
///     }
///
/// A test that is not run is reported as skipped, with the reason.
public struct PythonScript: Sendable {
    /// A script that failed.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    private static let found = Locked<[String: Bool]>([:])

    /// Whether python3 can import NumPy and this module; asked once.
    public static func has(_ module: String) -> Bool {
        found.withLock { found in
            if let known = found[module] { return known }
            let result = try? ChildProcess.run(
                "/usr/bin/env", arguments: ["python3", "-c", "import numpy, \(module)"])
            found[module] = result?.status == 0
            return result?.status == 0
        }
    }

    private let text: String

    /// - Parameters:
    ///   - modules: what the script needs beyond the standard library.
    ///   - body: statements; `sys` and `numpy` are imported.
    public init(modules: [String], _ body: String) {
        text = "import \((["sys", "numpy"] + modules).joined(separator: ", "))\n" + body + "\n"
    }

    /// Runs it to its end, and gives what it printed.
    /// - Throws: `Failed` when the script fails, or when a module is missing.
    @discardableResult public func run(_ arguments: [String] = []) throws -> String {
        let result = try ChildProcess.run("/usr/bin/env", arguments: ["python3", "-c", text] + arguments)
        guard result.status == 0 else { throw Failed(description: "\(result)") }
        return result.standardOutput
    }
}
