// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func instructionLevelExample() {
    InstructionLevel.compiled <= InstructionLevel.processor     // whether this binary can run here
    InstructionLevel.avx512.description                         // "x86-64-v4 (AVX-512)"
}
