// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func operationExample1() {
    final class Doubling: Operation {                       // y = 2 x
        let x: Value, y: Value
        init(_ x: Value, on tape: Tape) {
            (self.x, y) = (x, tape.output(rows: x.rows, columns: x.columns, of: [x]))
        }
        var inputs: [Value] { [x] }
        var output: Value? { y }
        func forward() { for i in 0..<x.count { y.data[i] = 2 * x.data[i] } }
        func backward(_ pass: borrowing BackwardPass) {
            guard x.needsGradient else { return }
            let target = pass.target(of: x)
            for i in 0..<x.count {
                target.pointer[i] = 2 * y.gradient[i] + (target.accumulate ? target.pointer[i] : 0)
            }
        }
    }
}

private func operationExample2(x: Value) {
    let work = OperationWork(rows: x.rows, weights: 192 * 96, passesBack: x.needsGradient)
    let both = work.forward + work.backward                 // backward: for the weights, and for the input if needed
}

private func operationExample3(pass: borrowing BackwardPass, input: Value, output: Value, weight: Parameter) {
    let target = pass.target(of: input)
    gemm(
        rows: 8, columns: 4, inner: 2, a: output.gradient, b: weight.values, beta: target.beta,
        c: target.pointer)                                  // overwrites or accumulates, as needed
    pass.passGradient(of: output, to: input)                // residual connection
}

private func operationExample4(tape: Tape, lambda: Double, batch: Int, dimension: Int) {
    let distortion = tape.term("distortion")
    distortion.weight = lambda / Double(batch * dimension)
    let error = distortion.value                            // after `forward`: a sum of squared errors
}
