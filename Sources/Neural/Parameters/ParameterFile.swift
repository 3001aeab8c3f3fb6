import Datasets
import Foundation
import Numerics

/// Parameters as named tensors: what safetensors files of models hold.
///
///     try SafeTensors.write(parameters.tensors(), metadata: ["step": "8000"], to: "model.safetensors")
///     try parameters.load(from: SafeTensors("model.safetensors"))
///     // Python: safetensors.numpy.load_file("model.safetensors")["analysis.entry.weight"]
extension ParameterSet {
    /// Every parameter under its name, with a prefix.
    public func tensors(prefix: String = "") -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in parameters {
            tensors[prefix + parameter.name] = Tensor(
                Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count)), shape: parameter.shape)
        }
        return tensors
    }

    /// Reads every parameter from the tensor of its name.
    /// - Throws: `LloydError` that names the tensor that is missing, has another shape, or is not finite. The
    ///   parameters then keep what they were.
    public func load(from file: SafeTensors, prefix: String = "") throws {
        let fresh = AlignedBuffer<Float>(count: count)
        for parameter in parameters {
            let name = prefix + parameter.name
            func fault(_ problem: String) -> LloydError {
                LloydError(
                    path: file.path, problem: "tensor “\(name)” \(problem)",
                    remedy: "use the file of a model of the same sizes")
            }
            guard file.contains(name) else { throw fault("is missing") }
            let tensor = try file.tensor(name)
            guard tensor.shape == parameter.shape else {
                throw fault("has the shape \(tensor.shape), expected \(parameter.shape)")
            }
            guard let elements = tensor.elements(Float.self) else { throw fault("is not of type F32") }
            guard elements.allSatisfy(\.isFinite) else { throw fault("holds a number that is not finite") }
            (fresh.pointer + parameter.offset).update(from: elements, count: elements.count)
        }
        values.pointer.update(from: fresh.pointer, count: count)
    }

    /// A copy of all values, to come back to.
    public func snapshot() -> AlignedBuffer<Float> {
        let copy = AlignedBuffer<Float>(count: count)
        copy.pointer.update(from: values.pointer, count: count)
        return copy
    }

    /// Puts back what `snapshot` has taken.
    public func restore(_ snapshot: AlignedBuffer<Float>) {
        precondition(snapshot.count == count)
        values.pointer.update(from: snapshot.pointer, count: count)
    }
}
