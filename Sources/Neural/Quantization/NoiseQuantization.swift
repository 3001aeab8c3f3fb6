import Numerics

/// Uniform noise in place of rounding, so that training has a gradient: y + u with u in [-1/2, 1/2).
///
///     let noise = NoiseQuantization()
///     let noisy = noise(latents, on: tape)
///     noise.noise.elements.update(...)                        // uniform in [-1/2, 1/2), by counter
///     noise.mode = .rounding                                  // at test time
///
/// The gradient passes unchanged in either mode: with `.rounding` this is the straight-through estimator.
///
/// Source: Ballé, Laparra, Simoncelli, "End-to-end optimized image compression", 2017.
public final class NoiseQuantization {
    public enum Mode: Sendable { case noise, rounding }

    public var mode = Mode.noise
    /// Rows x columns uniform numbers in [-1/2, 1/2), filled by the caller before `forward` in mode `.noise`.
    public private(set) var noise = AlignedBuffer<Float>(count: 0)

    public init() {}

    public func callAsFunction(_ y: Value, on tape: Tape) -> Value {
        noise = AlignedBuffer(count: y.count)
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
        switch quantization.mode {
        case .noise: for place in 0..<y.count { result.data[place] = y.data[place] + quantization.noise[place] }
        case .rounding:
            for place in 0..<y.count { result.data[place] = y.data[place].rounded(.toNearestOrEven) }
        }
    }

    func backward(_ pass: borrowing BackwardPass) { pass.passGradient(of: result, to: y) }
}
