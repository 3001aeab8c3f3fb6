/// Where a kernel writes a gradient: memory, and whether the gradient is added to what is there.
///
///     let weights = GradientMemory(buffer.pointer, accumulate: false)
///     layer.backward(..., weightGradient: weights, ...)       // overwrites
///     layer.backward(..., weightGradient: GradientMemory(buffer.pointer, accumulate: true), ...)   // adds
public struct GradientMemory {
    public var pointer: UnsafeMutablePointer<Float>
    /// Otherwise the memory may hold anything, and is overwritten.
    public var accumulate: Bool

    public init(_ pointer: UnsafeMutablePointer<Float>, accumulate: Bool) {
        self.pointer = pointer
        self.accumulate = accumulate
    }
}
