/// Where a kernel writes a gradient: memory, and whether the gradient is added to what is there.
///
///     let overwritten = GradientMemory(buffer.pointer, accumulate: false)
///     let added = GradientMemory(buffer.pointer, accumulate: true)
public struct GradientMemory {
    /// The first float of the gradient.
    public var pointer: UnsafeMutablePointer<Float>
    /// Whether the gradient is added to what is there; otherwise it overwrites what is there.
    public var accumulate: Bool

    /// - Parameter pointer: memory for as many floats as the gradient has.
    public init(_ pointer: UnsafeMutablePointer<Float>, accumulate: Bool) {
        self.pointer = pointer
        self.accumulate = accumulate
    }
}
