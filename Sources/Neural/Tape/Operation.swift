import Numerics

/// One step of a model on a tape: how to compute its output, and how its output's gradient becomes its inputs'.
///
///     final class Doubling: Operation {                       // y = 2 x
///         let x: Value, y: Value
///         init(_ x: Value, on tape: Tape) {
///             (self.x, y) = (x, tape.output(rows: x.rows, columns: x.columns, of: [x]))
///         }
///         var inputs: [Value] { [x] }
///         var output: Value? { y }
///         func forward() { for i in 0..<x.count { y.data[i] = 2 * x.data[i] } }
///         func backward(_ pass: borrowing BackwardPass) {
///             guard x.needsGradient else { return }
///             let target = pass.target(of: x)
///             for i in 0..<x.count {
///                 target.pointer[i] = 2 * y.gradient[i] + (target.accumulate ? target.pointer[i] : 0)
///             }
///         }
///     }
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
    /// Computes the output from the inputs, or the term from them.
    func forward()
    /// Reads `output.gradient` and adds to the gradients of inputs and parameters through `pass`.
    func backward(_ pass: borrowing BackwardPass)
}

extension Operation {
    /// None.
    public var parameters: [Parameter] { [] }
    /// None.
    public var passedInput: Value? { nil }
    /// Nothing worth counting.
    public var work: OperationWork { OperationWork() }
}

/// Floating-point operations of products, two for each multiplication and addition; a convolution counts as if it were
/// computed directly, however it is computed.
///
///     let work = OperationWork(rows: x.rows, weights: 192 * 96, passesBack: x.needsGradient)
///     let both = work.forward + work.backward                 // backward: for the weights, and for the input if needed
public struct OperationWork: Sendable, Equatable {
    /// Of a forward pass.
    public var forward = 0.0
    /// Of a backward pass.
    public var backward = 0.0

    /// Numbers of operations, as counted.
    public init(forward: Double = 0, backward: Double = 0) {
        self.forward = forward
        self.backward = backward
    }

    /// A layer that multiplies every row by so many weights.
    /// - Parameter passesBack: whether the input needs a gradient, too.
    public init(rows: Int, weights: Int, passesBack: Bool) {
        forward = 2 * Double(rows) * Double(weights)
        backward = passesBack ? 2 * forward : forward
    }

    /// Two operations together.
    public static func + (one: OperationWork, other: OperationWork) -> OperationWork {
        OperationWork(forward: one.forward + other.forward, backward: one.backward + other.backward)
    }
}

/// What an operation's backward writes to: gradients that are either fresh, to be overwritten, or to be added to.
///
///     let target = pass.target(of: input)
///     gemm(
///         rows: 8, columns: 4, inner: 2, a: output.gradient, b: weight.values, beta: target.beta,
///         c: target.pointer)                                  // overwrites or accumulates, as needed
///     pass.passGradient(of: output, to: input)                // residual connection
public struct BackwardPass: ~Copyable {
    /// Memory for a gradient and what is in it.
    public struct Target {
        /// As many floats as the value or the parameter has.
        public var pointer: UnsafeMutablePointer<Float>
        /// Whether earlier contributions are there; otherwise the memory holds garbage.
        public var accumulate: Bool
        /// What a matrix product multiplies the memory by before adding: 1 or 0.
        public var beta: Float { accumulate ? 1 : 0 }
    }

    let gradients: UnsafeMutablePointer<Float>
    let written: UnsafeMutablePointer<Bool>

    /// The memory for the gradient of an input. The caller must write all of it.
    public func target(of value: Value) -> Target {
        defer { value.hasGradient = true }
        return Target(pointer: value.gradient, accumulate: value.hasGradient)
    }

    /// The memory for the gradient of a parameter. The caller must write all of it.
    public func target(of parameter: Parameter) -> Target {
        defer { written[parameter.index] = true }
        return Target(pointer: gradients + parameter.offset, accumulate: written[parameter.index])
    }

    /// Adds the gradient of `output` to that of `input`, of the same shape; costs nothing if they share memory.
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
///     let error = distortion.value                            // after `forward`: a sum of squared errors
public final class Term {
    /// What metrics call it.
    public let name: String
    /// The sum over the micro-batch.
    public var value = 0.0
    /// What the sum is multiplied by in the objective; 0 leaves the term out of the gradient.
    public var weight = 0.0

    init(name: String) { self.name = name }
}
