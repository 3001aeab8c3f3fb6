import Core
import Datasets
import Foundation
import Neural

/// A model's weights as the published implementation lays them out: its names, its shapes, its order of channels.
///
///     try SafeTensors.write(ReferenceWeights.tensors(of: model), to: "weights.safetensors")
///     try ReferenceWeights.load(SafeTensors("weights.safetensors"), into: model)
///
/// Linear maps over channels are 1x1 convolutions [out, in, 1, 1] there, but for the network of the prior; 3x3
/// convolutions are [out, in, 3, 3]; block transforms [channel, from, to] and [channel, position]; pixels gathered into
/// channels count as (channel, row, column). Here the innermost index is always the channel, so that registers run over
/// channels.
package enum ReferenceWeights {
    /// Every parameter of the model as the published implementation names and shapes it.
    package static func tensors(of model: NVTCModel) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in model.parameters.parameters {
            let (elements, shape) = elements(parameter.values, of: parameter, in: model.architecture)
            tensors[parameter.name] = Tensor(elements, shape: shape)
        }
        return tensors
    }

    /// Numbers in the order of `parameter`, such as its gradient, in the published implementation's order, and the
    /// shape that they have there.
    static func elements(
        _ values: UnsafePointer<Float>, of parameter: Parameter, in architecture: NVTCArchitecture
    ) -> (elements: [Float], shape: [Int]) {
        let layout = ReferenceLayout(parameter, architecture)
        var elements = [Float](repeating: 0, count: parameter.count)
        for index in 0..<parameter.count { elements[layout.offset(of: index)] = values[index] }
        return (elements, layout.shape)
    }

    /// The model of these sizes with the file's weights. Sizes are compared before memory is taken: a file of a few
    /// bytes may state sizes that no machine has room for.
    /// - Throws: `LloydError` that names the tensor that is missing, has another shape or type, or is not finite.
    package static func model(_ architecture: NVTCArchitecture, from file: SafeTensors) throws -> NVTCModel {
        // Every layer has several parameters of its own: with fewer tensors there is no need to build them all.
        let layers = architecture.stages.reduce(0) { $0 + $1.layers * (1 + $1.units) }
        guard layers <= file.names.count else {
            throw LloydError(
                path: file.path,
                problem: "has \(file.names.count) tensors, fewer than the layers of the model that is expected there",
                remedy: "use the weights of a model of the same sizes, or a config of theirs")
        }
        let model = NVTCModel(withoutValues: architecture)
        try requireShapes(file, of: model)
        model.parameters.initialize(seed: 0)
        try load(file, into: model)
        return model
    }

    /// Reads every parameter of the model.
    /// - Throws: `LloydError` that names the tensor that is missing, has another shape or type, or is not finite. The
    ///   model then keeps what it was.
    package static func load(_ file: SafeTensors, into model: NVTCModel) throws {
        try requireShapes(file, of: model)
        let parameters = model.parameters
        var fresh = [Float](repeating: 0, count: parameters.count)
        for parameter in parameters.parameters {
            let layout = ReferenceLayout(parameter, model.architecture)
            let tensor = try file.tensor(parameter.name)
            guard let elements = tensor.convertedFloats() else {
                throw fault(
                    file, parameter, "is of type \(tensor.element.rawValue), expected F32, F64, F16 or BF16")
            }
            guard elements.allSatisfy(\.isFinite) else {
                throw fault(file, parameter, "holds a number that is not finite")
            }
            for index in 0..<parameter.count { fresh[parameter.offset + index] = elements[layout.offset(of: index)] }
        }
        parameters.values.pointer.update(from: fresh, count: fresh.count)
    }

    private static func requireShapes(_ file: SafeTensors, of model: NVTCModel) throws {
        for parameter in model.parameters.parameters {
            guard let description = file.description(of: parameter.name) else {
                throw fault(file, parameter, "is missing")
            }
            let layout = ReferenceLayout(parameter, model.architecture)
            guard description.shape == layout.shape else {
                throw fault(file, parameter, "has the shape \(description.shape), expected \(layout.shape)")
            }
        }
    }

    private static func fault(_ file: SafeTensors, _ parameter: Parameter, _ problem: String) -> LloydError {
        LloydError(
            path: file.path, problem: "tensor “\(parameter.name)” \(problem)",
            remedy: "use the weights of a model of the same sizes, or a config of theirs")
    }
}

/// Where each element of a parameter lies in the published implementation's tensor.
struct ReferenceLayout {
    let shape: [Int]
    /// For an element's indices here, outermost first, its indices there.
    private let indices: ([Int]) -> [Int]
    private let own: [Int]

    init(_ parameter: Parameter, _ architecture: NVTCArchitecture) {
        own = parameter.shape
        let name = parameter.name
        let parts = name.split(separator: ".")
        if parameter.shape.count == 4 {
            // 3x3 convolution: [row, column, in, out] here.
            shape = [own[3], own[2], own[0], own[1]]
            indices = { [$0[3], $0[2], $0[0], $0[1]] }
        } else if name.hasSuffix(".inter_transform.weight") {
            shape = [own[2], own[0], own[1]]
            indices = { [$0[2], $0[0], $0[1]] }
        } else if name.hasSuffix(".inter_transform.bias") {
            shape = [own[1], own[0]]
            indices = { [$0[1], $0[0]] }
        } else if parts.count == 4, parts[0] == "downscaling", parts[2] == "1", parts[3] == "weight",
            let stage = Int(parts[1])
        {
            let gathered = Self.gathered(architecture, stage)
            shape = [own[0], own[1], 1, 1]
            indices = { [$0[0], gathered($0[1]), 0, 0] }
        } else if parts.count == 4, parts[0] == "upscaling", parts[2] == "1", let stage = Int(parts[1]) {
            let gathered = Self.gathered(architecture, stage)
            if parts[3] == "weight" {
                shape = [own[0], own[1], 1, 1]
                indices = { [gathered($0[0]), $0[1], 0, 0] }
            } else {
                shape = own
                indices = { [gathered($0[0])] }
            }
        } else if name.hasSuffix(".weight"), own.count == 2, !name.contains(".prior_fn.") {
            shape = own + [1, 1]
            indices = { $0 + [0, 0] }
        } else {
            shape = own
            indices = { $0 }
        }
    }

    /// From (row, column, channel) to (channel, row, column) of pixels gathered into channels.
    private static func gathered(_ architecture: NVTCArchitecture, _ stage: Int) -> (Int) -> Int {
        let squared = architecture.stages[stage].factor * architecture.stages[stage].factor
        let channels = stage == 0 ? 3 : architecture.stages[stage - 1].width
        return { $0 % channels * squared + $0 / channels }
    }

    /// The element's offset in the published implementation's tensor.
    func offset(of element: Int) -> Int {
        var rest = element
        var here = own
        for dimension in own.indices.reversed() {
            here[dimension] = rest % own[dimension]
            rest /= own[dimension]
        }
        return zip(indices(here), shape).reduce(0) { $0 * $1.1 + $1.0 }
    }
}
