import Foundation
import ImageMetrics
import Neural
import Training

/// The rows of metrics of a study: the same names for every method, training and test alike.
struct ToyMetrics {
    var method: ToyMethod
    var lambda: Double?
    var codewords: Int?

    /// A row while gradients train: means over the steps since the last row.
    /// - Parameter numbers: components of all samples of a step.
    func row(_ descent: GradientDescent, phase: String, rate: Double, numbers: Double, hasRate: Bool) -> MetricRow {
        let bits = hasRate ? (descent.means["bits"] ?? .nan) / numbers : nil
        let error = (descent.means["distortion"] ?? .nan) / numbers
        return row(
            phase: phase, step: descent.step, rate: rate, bits: bits, meanSquaredError: error, alive: nil)
    }

    func row(
        phase: String, step: Int, rate: Double?, bits: Double?, meanSquaredError: Double, alive: Int?
    ) -> MetricRow {
        let psnr = PSNR.decibels(meanSquaredError: meanSquaredError)
        let objective = lambda.flatMap { lambda in bits.map { $0 + lambda * meanSquaredError } }
        func real(_ value: Double?) -> MetricRow.Value { value.map { .real($0) } ?? .missing }
        var headline = String(format: "%.2f dB", psnr)
        if let bits { headline = String(format: "%.3f bits per dimension, ", bits) + headline }
        if let objective { headline += String(format: ", objective %.4f", objective) }
        return MetricRow(
            [
                ("method", .text(method.rawValue)), ("lambda", real(lambda)),
                ("codewords", codewords.map { .integer($0) } ?? .missing), ("phase", .text(phase)),
                ("step", .integer(step)), ("learning-rate", real(rate)), ("bits-per-dimension", real(bits)),
                ("psnr", .real(psnr)), ("objective", real(objective)),
                ("alive", alive.map { .integer($0) } ?? .missing),
            ], headline: headline)
    }
}
