import COneDNN
import CProcessorCheck

/// The levels of x86-64: which instructions a processor has, or a binary was compiled for.
///
///     InstructionLevel.compiled                               // what this binary needs
///     InstructionLevel.processor                              // what this machine offers
///     InstructionLevel.avx512.description                     // "x86-64-v4 (AVX-512)"
public enum InstructionLevel: Int, Sendable, Comparable, CustomStringConvertible {
    case baseline = 1
    case sse42 = 2
    case avx2 = 3
    case avx512 = 4

    /// What this binary was compiled for: `baseline`, `avx2` or `avx512`.
    public static var compiled: InstructionLevel { .init(rawValue: Int(lloyd_compiled_level())) ?? .baseline }

    /// The highest level of this processor; `baseline` on other architectures.
    public static var processor: InstructionLevel { .init(rawValue: Int(lloyd_processor_level())) ?? .baseline }

    public static func < (one: InstructionLevel, other: InstructionLevel) -> Bool { one.rawValue < other.rawValue }

    public var description: String {
        switch self {
        case .baseline: "x86-64-v1 (SSE2, portable)"
        case .sse42: "x86-64-v2 (SSE4.2)"
        case .avx2: "x86-64-v3 (AVX2)"
        case .avx512: "x86-64-v4 (AVX-512)"
        }
    }
}

/// The library behind `gemm`.
public enum MatrixProductLibrary {
    /// oneDNN's version, such as "2.6.3".
    public static var version: String {
        let number = Int(lloyd_dnnl_version())
        return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
    }

    /// The instruction set that it uses on this processor.
    public static var instructionSet: String { String(cString: lloyd_dnnl_isa()) }
}
