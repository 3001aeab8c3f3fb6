import Foundation

/// Another implementation of the same arithmetic in Python, for live comparisons that skip where it is not installed.
///
///     let script = PythonScript(modules: ["scipy.fft"], "scipy.fft.dctn(...).tofile(sys.argv[1])")
///     switch try script.run([folder / "out.f64"]) {
///     case .skipped(let reason): print("skipped: \(reason)"); return
///     case .done: ...
///     }
public struct PythonScript: Sendable {
    public enum Outcome: Sendable, Equatable {
        case done
        /// Why the comparison cannot run here.
        case skipped(String)
    }

    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    private let text: String

    /// - Parameters:
    ///   - modules: what the script needs beyond the standard library; without one of them it is skipped.
    ///   - body: statements; `sys` and `numpy` are imported.
    public init(modules: [String], _ body: String) {
        let imports = (["sys", "numpy"] + modules).joined(separator: ", ")
        text = """
            try:
                import \(imports)
            except ImportError as error:
                print(error)
                raise SystemExit(77)

            """ + body + "\n"
    }

    /// - Throws: `Failed` when the script itself fails.
    public func run(_ arguments: [String]) throws -> Outcome {
        let result = try ChildProcess.run("/usr/bin/env", arguments: ["python3", "-c", text] + arguments, timeout: 120)
        switch result.status {
        case 0: return .done
        case 77: return .skipped(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
        case 127: return .skipped("python3 is not installed")
        default: throw Failed(description: "\(result)")
        }
    }
}
