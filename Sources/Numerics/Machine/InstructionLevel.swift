import COneDNN
import CProcessorCheck

/// The levels of x86-64: which instructions a processor has, or a binary was compiled for.
///
///     InstructionLevel.compiled <= InstructionLevel.processor     // whether this binary can run here
///     InstructionLevel.avx512.description                         // "x86-64-v4 (AVX-512)"
public enum InstructionLevel: Int, Sendable, Comparable, CustomStringConvertible {
    /// x86-64-v1, and other architectures.
    case baseline = 1
    /// x86-64-v2.
    case sse42 = 2
    /// x86-64-v3, with fused multiply-add.
    case avx2 = 3
    /// x86-64-v4.
    case avx512 = 4

    /// What this binary was compiled for: `baseline`, `avx2` or `avx512`.
    public static var compiled: InstructionLevel { .init(rawValue: Int(lloyd_compiled_level())) ?? .baseline }

    /// The highest level of this processor; `baseline` on other architectures.
    public static var processor: InstructionLevel { .init(rawValue: Int(lloyd_processor_level())) ?? .baseline }

    /// Whether `other` has all instructions of `one`, and more.
    public static func < (one: InstructionLevel, other: InstructionLevel) -> Bool { one.rawValue < other.rawValue }

    /// The level's name, and its widest instructions.
    public var description: String {
        switch self {
        case .baseline: "x86-64-v1 (SSE2, portable)"
        case .sse42: "x86-64-v2 (SSE4.2)"
        case .avx2: "x86-64-v3 (AVX2)"
        case .avx512: "x86-64-v4 (AVX-512)"
        }
    }
}

/// The library behind `gemm`: oneDNN.
public enum MatrixProductLibrary {
    /// oneDNN's version, such as "2.6.3".
    public static var version: String {
        let number = Int(lloyd_dnnl_version())
        return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
    }

    /// The instruction set that it uses on this processor, by oneDNN's name.
    public static var instructionSet: String { String(cString: lloyd_dnnl_isa()) }
}
