import Datasets
import Foundation
import Numerics

/// What a training method needs to go on elsewhere: named arrays, copied, so that training may go on while they are written.
///
///     var state = TrainingState()
///     state.set("parameters", model.parameters.values)
///     state.set("step", step)
///     try state.fill(other.parameters.values, "parameters")   // in another process
///
/// Reading back throws `DatasetError` where the state is not the one of such a method.
public struct TrainingState: Sendable, Equatable {
    /// By name; what a checkpoint's file holds.
    public private(set) var tensors: [String: Tensor]
    /// The file that it comes from, for messages.
    private let origin: String

    public init() {
        tensors = [:]
        origin = "the state of a training method"
    }

    package init(tensors: [String: Tensor], origin: String) {
        self.tensors = tensors
        self.origin = origin
    }

    /// The bytes of all arrays.
    public var bytes: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

    // MARK: Keeping

    public mutating func set(_ name: String, _ buffer: AlignedBuffer<Float>) {
        tensors[name] = Tensor(copying: buffer)
    }
    public mutating func set(_ name: String, _ matrix: Matrix) { tensors[name] = Tensor(matrix) }
    public mutating func set(_ name: String, _ numbers: [Double]) { tensors[name] = Tensor(numbers) }
    public mutating func set(_ name: String, _ integer: Int) { tensors[name] = Tensor([Int64(integer)]) }

    /// Another method's state as a part of this one.
    public mutating func set(_ name: String, _ part: TrainingState) {
        for (inner, tensor) in part.tensors { tensors["\(name)/\(inner)"] = tensor }
    }

    // MARK: Reading back

    /// Copies an array into memory of the same length.
    public func fill(_ buffer: AlignedBuffer<Float>, _ name: String) throws {
        let tensor = try tensor(name)
        guard tensor.element == .float32, tensor.count == buffer.count else { throw misfit(name) }
        _ = tensor.bytes.copyBytes(to: buffer.elements)
    }

    /// Copies a matrix into one of the same shape.
    public func fill(_ matrix: Matrix, _ name: String) throws {
        let tensor = try tensor(name)
        guard tensor.element == .float32, tensor.shape == [matrix.rows, matrix.columns] else { throw misfit(name) }
        UnsafeMutableRawBufferPointer(start: matrix.pointer, count: tensor.bytes.count).copyBytes(from: tensor.bytes)
    }

    /// - Parameter count: how many there must be; nil for any number.
    public func numbers(_ name: String, count: Int? = nil) throws -> [Double] {
        guard let numbers = try tensor(name).elements(Double.self), count.map({ $0 == numbers.count }) ?? true else {
            throw misfit(name)
        }
        return numbers
    }

    /// An integer of at least 0.
    public func integer(_ name: String) throws -> Int {
        guard let numbers = try tensor(name).elements(Int64.self), numbers.count == 1, numbers[0] >= 0 else {
            throw misfit(name)
        }
        return Int(numbers[0])
    }

    /// The state that was put in as a part; nil where there is none.
    public func part(_ name: String) -> TrainingState? {
        var found: [String: Tensor] = [:]
        for (path, tensor) in tensors where path.hasPrefix(name + "/") {
            found[String(path.dropFirst(name.count + 1))] = tensor
        }
        return found.isEmpty ? nil : TrainingState(tensors: found, origin: origin)
    }

    private func tensor(_ name: String) throws -> Tensor {
        guard let tensor = tensors[name] else { throw misfit(name) }
        return tensor
    }

    private func misfit(_ name: String) -> DatasetError {
        DatasetError(
            path: origin, problem: "“\(name)” does not fit the config's model",
            remedy: "resume with the config that the checkpoint was written with")
    }

    public static func == (one: TrainingState, other: TrainingState) -> Bool { one.tensors == other.tensors }
}
