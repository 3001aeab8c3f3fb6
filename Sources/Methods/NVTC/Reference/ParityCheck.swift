import Datasets
import Foundation
import Neural
import Numerics

/// How near this implementation comes to reference vectors, phase by phase.
///
///     let check = try ParityCheck(ParityFolder("nvtc-tiny"))
///     let results = try check.run()
///     results["full"]?.loss                                   // relative error of the loss
///
/// The keys of the JSON are the fields' names in kebab case.
package struct ParityCheck {
    /// What differs in one phase.
    package struct Result: Encodable, Equatable {
        /// Relative error of the whole objective.
        package var loss: Double
        /// Relative error of the bits per sub-pixel.
        package var rate: Double
        /// Relative error of rate + lambda distortion.
        package var rateDistortionLoss: Double
        /// Relative error of the quantizers' squared distances.
        package var quantizerLoss: Double
        /// Relative error of the distortion.
        package var meanSquaredError: Double
        /// The largest relative error of a layer's bits.
        package var layerBits: Double
        /// The largest relative error of a layer's squared distance.
        package var layerDistance: Double
        /// The largest error of a sample of the reconstruction, of the range from 0 to 1.
        package var reconstruction: Double
        /// Codewords that differ, as a share of all.
        package var differingIndices: Double
        /// Codewords that were compared.
        package var indices: Int
        /// The largest error of a gradient, relative to its tensor's largest entry.
        package var gradient: Double
        /// The tensor that has it.
        package var gradientTensor: String
        /// Tensors whose gradients were compared.
        package var gradients: Int
        /// Tensors whose gradients are not zero here, although the folder has none of them.
        package var gradientsNotExpected: [String]

        enum CodingKeys: String, CodingKey {
            case loss, rate, reconstruction, indices, gradient, gradients
            case rateDistortionLoss = "rate-distortion-loss"
            case quantizerLoss = "quantizer-loss"
            case meanSquaredError = "mean-squared-error"
            case layerBits = "layer-bits"
            case layerDistance = "layer-distance"
            case differingIndices = "differing-indices"
            case gradientTensor = "gradient-tensor"
            case gradientsNotExpected = "gradients-not-expected"
        }
    }

    let folder: ParityFolder

    /// The comparison with a folder of reference vectors.
    package init(_ folder: ParityFolder) { self.folder = folder }

    /// Compares every phase.
    /// - Returns: the errors by the phase's name.
    /// - Throws: `LloydError` if the folder lacks a tensor or has one of another shape.
    package func run() throws -> [String: Result] {
        let model = try ReferenceWeights.model(folder.architecture, from: folder.weights)
        var results: [String: Result] = [:]
        for phase in folder.phases { results[phase.name] = try run(phase, model) }
        return results
    }

    private func run(_ phase: ParityFolder.Phase, _ model: NVTCModel) throws -> Result {
        let image = folder.image
        let pass = NVTCPass(model, height: image.height, width: image.width, phase: phase.phase)
        pass.setObjective(lambda: folder.lambda, images: 1)
        pass.set(image)
        pass.tape.forward()
        let gradients = AlignedBuffer<Float>(count: model.parameters.count)
        pass.tape.backward(into: gradients.pointer) { _ in }

        let expected = phase.expected
        let samples = Double(pass.samples)
        let rate = pass.bits / samples
        let squaredError = pass.meanSquaredError
        let distances = pass.layers.reduce(0) { $0 + $1.terms.distance.value } * folder.lambda / samples
        let indices = try compareIndices(pass, phase)
        let layers = try compareLayers(pass, phase)
        let gradient = try compareGradients(gradients, model, phase)
        return Result(
            loss: relative(pass.tape.objective, expected.loss), rate: relative(rate, expected.rate),
            rateDistortionLoss: relative(rate + folder.lambda * squaredError, expected.rd_loss),
            quantizerLoss: relative(distances, expected.vq_loss),
            meanSquaredError: relative(squaredError, expected.mse), layerBits: layers.bits,
            layerDistance: layers.distance, reconstruction: try compareReconstruction(pass, phase),
            differingIndices: Double(indices.differing) / Double(max(1, indices.all)), indices: indices.all,
            gradient: gradient.worst, gradientTensor: gradient.tensor, gradients: gradient.count,
            gradientsNotExpected: gradient.unexpected)
    }

    private func relative(_ value: Double, _ expected: Double) -> Double {
        expected == 0 ? abs(value) : abs(value / expected - 1)
    }

    private func compareIndices(_ pass: NVTCPass, _ phase: ParityFolder.Phase) throws -> (differing: Int, all: Int) {
        var (differing, all) = (0, 0)
        for layer in pass.layers {
            let expected = try folder.indices(phase.name, stage: layer.stage, layer: layer.layer)
            let own = layer.operation.indices
            guard expected.count == own.count else {
                throw misshapen("\(phase.name).indices.\(layer.stage).\(layer.layer)", "\(own.count) indices")
            }
            all += own.count
            differing += expected.indices.count { expected[$0] != own[$0] }
        }
        return (differing, all)
    }

    private func compareLayers(
        _ pass: NVTCPass, _ phase: ParityFolder.Phase
    ) throws -> (bits: Double, distance: Double) {
        var (bits, distance) = (0.0, 0.0)
        for expected in phase.expected.layers {
            guard let own = pass.layers.first(where: { $0.stage == expected.stage && $0.layer == expected.layer })
            else {
                throw misshapen("phase “\(phase.name)”", "layer \(expected.stage).\(expected.layer)")
            }
            bits = max(bits, relative(own.terms.unconditional.value, expected.rate_unconditional_bits))
            if own.isConditional {
                bits = max(bits, relative(own.terms.conditional.value, expected.rate_conditional_bits))
            }
            distance = max(distance, relative(own.terms.distance.value, expected.vq_distance))
        }
        return (bits, distance)
    }

    private func compareReconstruction(_ pass: NVTCPass, _ phase: ParityFolder.Phase) throws -> Double {
        let expected = try folder.expected.elements("\(phase.name).x_hat", as: Float.self)
        let own = pass.image.samples
        guard own.count == expected.count else { throw misshapen("\(phase.name).x_hat", "\(own.count) samples") }
        return zip(own, expected).reduce(0.0) { max($0, Double(abs($1.0 - $1.1))) }
    }

    private func compareGradients(
        _ gradients: AlignedBuffer<Float>, _ model: NVTCModel, _ phase: ParityFolder.Phase
    ) throws -> (worst: Double, tensor: String, count: Int, unexpected: [String]) {
        var (worst, tensor, count) = (0.0, "", 0)
        var unexpected: [String] = []
        defer { withExtendedLifetime(gradients) {} }
        for parameter in model.parameters.parameters {
            let name = "\(phase.name).grad.\(parameter.name)"
            let (values, shape) = ReferenceWeights.elements(
                gradients.pointer + parameter.offset, of: parameter, in: model.architecture)
            guard let description = folder.expected.description(of: name) else {
                if values.contains(where: { $0 != 0 }) { unexpected.append(parameter.name) }
                continue
            }
            guard description.shape == shape else { throw misshapen(name, "shape \(shape)") }
            let expected = try folder.expected.elements(name, as: Float.self)
            let largest = expected.reduce(0.0) { max($0, Double(abs($1))) }
            let error = zip(values, expected).reduce(0.0) { max($0, abs(Double($1.0) - Double($1.1))) }
            count += 1
            let ratio = error / max(largest, .leastNormalMagnitude)
            // NaN must not hide behind a comparison.
            if !(ratio <= worst) { (worst, tensor) = (ratio, parameter.name) }
        }
        return (worst, tensor, count, unexpected)
    }

    private func misshapen(_ what: String, _ expected: String) -> LloydError {
        LloydError(
            path: folder.path, problem: "\(what) does not fit the model, which has \(expected)",
            remedy: "write all files of the folder from one run")
    }
}

extension ParityCheck.Result {
    /// What single precision is expected to reach: losses and rates within 1e-4, gradients within 1e-3 of their
    /// tensor's largest entry, at most 0.1 % of the indices different.
    package var isWithinLimits: Bool {
        [loss, rate, rateDistortionLoss, quantizerLoss, meanSquaredError].allSatisfy { $0 <= 1e-4 }
            && gradient <= 1e-3 && differingIndices <= 1e-3 && gradientsNotExpected.isEmpty
    }
}
