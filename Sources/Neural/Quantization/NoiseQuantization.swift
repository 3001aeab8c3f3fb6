import Numerics

/// Uniform noise in index of rounding, so that training has a gradient: y + step * u with u in [-1/2, 1/2).
///
///     let quantization = NoiseQuantization()
///     let noisy = quantization(latents, on: tape)
///     quantization.noise.elements[0] = 0.25                   // u, drawn by the caller by counter before `forward`
///     quantization.mode = .rounding                           // at test time: to offset + integer * step
///
/// The gradient passes unchanged in either mode: with `.rounding` this is the straight-through estimator.
///
/// Source: Ballé, Laparra, Simoncelli, "End-to-end optimized image compression", 2017.
public final class NoiseQuantization {
    /// What is done to the latents.
    public enum Mode: Sendable {
        /// Uniform noise, for training.
        case noise
        /// Rounding to the centers of cells, for tests and for fine-tuning.
        case rounding
    }

    /// What the next `forward` does.
    public var mode = Mode.noise
    /// The width of a cell.
    public var step: Float = 1
    /// The center of the cell nearest to 0 for each column, within half a step of 0.
    public var offsets: [Float] = []
    /// Rows x columns uniform numbers in [-1/2, 1/2), filled by the caller before `forward` in mode `.noise`.
    public private(set) var noise = AlignedBuffer<Float>(count: 0)

    /// Noise in cells of width 1 around the integers.
    public init() {}

    /// Records the quantization on a tape. Used once: `noise` is that of the last use.
    /// - Parameter y: rows x columns.
    /// - Returns: the shape of y.
    public func callAsFunction(_ y: Value, on tape: Tape) -> Value {
        noise = AlignedBuffer(count: y.count)
        if offsets.isEmpty { offsets = Array(repeating: 0, count: y.columns) }
        let operation = NoiseQuantizationOperation(self, y, on: tape)
        tape.record(operation)
        return operation.result
    }
}

final class NoiseQuantizationOperation: Operation {
    private let quantization: NoiseQuantization
    private let y: Value
    let result: Value

    init(_ quantization: NoiseQuantization, _ y: Value, on tape: Tape) {
        self.quantization = quantization
        self.y = y
        result = tape.output(rows: y.rows, columns: y.columns, of: [y])
    }

    var inputs: [Value] { [y] }
    var output: Value? { result }
    var passedInput: Value? { y }

    func forward() {
        let step = quantization.step
        switch quantization.mode {
        case .noise:
            let noise = quantization.noise.pointer
            for index in 0..<y.count { result.data[index] = y.data[index] + step * noise[index] }
        case .rounding:
            for row in 0..<y.rows {
                for (column, offset) in quantization.offsets.enumerated() {
                    let index = row &* y.columns &+ column
                    let cell = ((y.data[index] - offset) / step).rounded(.toNearestOrEven)
                    result.data[index] = offset + cell * step
                }
            }
        }
    }

    func backward(_ pass: borrowing BackwardPass) { pass.passGradient(of: result, to: y) }
}
