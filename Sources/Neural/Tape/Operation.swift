import Numerics

/// One step of a model on a tape: how to compute its output, and how its output's gradient becomes its inputs'.
///
///     func forward() { for i in 0..<x.count { output.data[i] = 2 * x.data[i] } }        // y = 2 x
///     func backward(_ pass: borrowing BackwardPass) {
///         let target = pass.target(of: x)
///         for i in 0..<x.count { target.pointer[i] = target.beta * target.pointer[i] + 2 * output.gradient[i] } }
///
/// An operation keeps what its backward needs in buffers that it allocates once. See `LinearOperation` for a short one.
public protocol Operation: AnyObject {
    /// Values it reads.
    var inputs: [Value] { get }
    /// The value it computes; nil for a loss, which sets a `Term`.
    var output: Value? { get }
    /// Parameters it reads.
    var parameters: [Parameter] { get }
    /// An input that gets the output's gradient as it is, so that both may share memory (residual connections,
    /// straight-through estimators). The backward must then call `pass.passGradient` before it adds to that input.
    var passedInput: Value? { get }
    /// What its products amount to.
    var work: OperationWork { get }
    func forward()
    /// Reads `output.gradient` and adds to the gradients of inputs and parameters through `pass`.
    func backward(_ pass: borrowing BackwardPass)
}

extension Operation {
    public var parameters: [Parameter] { [] }
    public var passedInput: Value? { nil }
    /// Nothing worth counting.
    public var work: OperationWork { OperationWork() }
}

/// Floating-point operations of products, two for each multiplication and addition; a convolution counts as if it were
/// computed directly, however it is computed.
///
///     let work = OperationWork(rows: x.rows, weights: 192 * 96, passesBack: x.needsGradient)
///     work.forward, work.backward                             // backward: for the weights, and for the input if needed
public struct OperationWork: Sendable, Equatable {
    public var forward = 0.0
    public var backward = 0.0

    public init(forward: Double = 0, backward: Double = 0) {
        self.forward = forward
        self.backward = backward
    }

    /// A layer that multiplies every row by so many weights.
    public init(rows: Int, weights: Int, passesBack: Bool) {
        forward = 2 * Double(rows) * Double(weights)
        backward = passesBack ? 2 * forward : forward
    }

    public static func + (one: OperationWork, other: OperationWork) -> OperationWork {
        OperationWork(forward: one.forward + other.forward, backward: one.backward + other.backward)
    }
}

/// Where an operation's backward writes: gradients that are either fresh, to be overwritten, or to be added to.
///
///     let target = pass.target(of: input)
///     gemm(..., beta: target.beta, c: target.pointer)         // overwrites or accumulates, as needed
///     pass.passGradient(of: output, to: input)                // residual connection
public struct BackwardPass: ~Copyable {
    /// Memory for a gradient and what is in it.
    public struct Target {
        public var pointer: UnsafeMutablePointer<Float>
        /// Whether earlier contributions are there; otherwise the memory holds garbage.
        public var accumulate: Bool
        /// What a matrix product multiplies the memory by before adding: 1 or 0.
        public var beta: Float { accumulate ? 1 : 0 }
    }

    let gradients: UnsafeMutablePointer<Float>
    let written: UnsafeMutablePointer<Bool>

    /// Where the gradient of an input goes. The caller must write all of it.
    public func target(of value: Value) -> Target {
        defer { value.hasGradient = true }
        return Target(pointer: value.gradient, accumulate: value.hasGradient)
    }

    /// Where the gradient of a parameter goes. The caller must write all of it.
    public func target(of parameter: Parameter) -> Target {
        defer { written[parameter.index] = true }
        return Target(pointer: gradients + parameter.offset, accumulate: written[parameter.index])
    }

    /// Adds the gradient of `output` to that of `input`, of the same shape; costs nothing where they share memory.
    public func passGradient(of output: Value, to input: Value) {
        guard input.needsGradient else { return }
        let target = target(of: input)
        if target.accumulate {
            precondition(target.pointer != output.gradient)
            addScaled(output.gradient, factor: 1, to: target.pointer, count: input.count)
        } else if target.pointer != output.gradient {
            target.pointer.update(from: output.gradient, count: input.count)
        }
    }
}

/// A scalar part of the objective, summed over the items of a micro-batch.
///
///     let distortion = tape.term("distortion")
///     distortion.weight = lambda / Double(batch * dimension)
///     distortion.value                                        // after `forward`: a sum of squared errors
public final class Term {
    public let name: String
    /// The sum over the micro-batch.
    public var value = 0.0
    /// What the sum is multiplied by in the objective; 0 leaves the term out of the gradient.
    public var weight = 0.0

    init(name: String) { self.name = name }
}
