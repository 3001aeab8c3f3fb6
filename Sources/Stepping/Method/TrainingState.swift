import Datasets
import Foundation
import Numerics

/// What a training method needs to be continued by another process: copies of named arrays, so that training continues
/// while they are written.
///
///     var state = TrainingState()
///     state.set("parameters", parameters)
///     state.set("step", step)
///     try state.fill(parameters, "parameters")                // in another process
///     step = try state.integer("step")
///
/// Reading back throws `LloydError` if an array is missing or has another shape, as that of another method has.
public struct TrainingState: Sendable, Equatable {
    /// The arrays by name, as a checkpoint's file holds them.
    public private(set) var tensors: [String: Tensor]
    /// The file that it comes from, for messages.
    private let origin: String

    /// A state without arrays.
    public init() {
        tensors = [:]
        origin = "the state of a training method"
    }

    /// A state that was read back.
    /// - Parameters:
    ///   - tensors: the arrays by name.
    ///   - origin: the file that they come from, for messages.
    package init(tensors: [String: Tensor], origin: String) {
        self.tensors = tensors
        self.origin = origin
    }

    /// The bytes of all arrays.
    public var bytes: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }

    // MARK: Keeping

    /// Keeps a copy of a buffer.
    public mutating func set(_ name: String, _ buffer: AlignedBuffer<Float>) {
        tensors[name] = Tensor(copying: buffer)
    }
    /// Keeps a copy of a matrix.
    public mutating func set(_ name: String, _ matrix: Matrix) { tensors[name] = Tensor(matrix) }
    /// Keeps numbers.
    public mutating func set(_ name: String, _ numbers: [Double]) { tensors[name] = Tensor(numbers) }
    /// Keeps an integer.
    public mutating func set(_ name: String, _ integer: Int) { tensors[name] = Tensor([Int64(integer)]) }

    /// Keeps another method's state as a part of this one.
    public mutating func set(_ name: String, _ part: TrainingState) {
        for (inner, tensor) in part.tensors { tensors["\(name)/\(inner)"] = tensor }
    }

    // MARK: Reading back

    /// Copies a kept array into a buffer of the same length.
    public func fill(_ buffer: AlignedBuffer<Float>, _ name: String) throws {
        let tensor = try tensor(name)
        guard tensor.element == .float32, tensor.count == buffer.count else { throw misfit(name) }
        _ = tensor.bytes.copyBytes(to: buffer.elements)
    }

    /// Copies a kept matrix into one of the same shape.
    public func fill(_ matrix: Matrix, _ name: String) throws {
        let tensor = try tensor(name)
        guard tensor.element == .float32, tensor.shape == [matrix.rows, matrix.columns] else { throw misfit(name) }
        UnsafeMutableRawBufferPointer(start: matrix.pointer, count: tensor.bytes.count).copyBytes(from: tensor.bytes)
    }

    /// Numbers that were kept.
    /// - Parameter count: how many there must be; nil for any number.
    public func numbers(_ name: String, count: Int? = nil) throws -> [Double] {
        guard let numbers = try tensor(name).elements(Double.self), count.map({ $0 == numbers.count }) ?? true else {
            throw misfit(name)
        }
        return numbers
    }

    /// An integer that was kept.
    /// - Throws: `LloydError` also if it is negative.
    public func integer(_ name: String) throws -> Int {
        guard let numbers = try tensor(name).elements(Int64.self), numbers.count == 1, numbers[0] >= 0 else {
            throw misfit(name)
        }
        return Int(numbers[0])
    }

    /// The state that was kept as a part; nil if there is none of that name.
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

    private func misfit(_ name: String) -> LloydError {
        LloydError(
            path: origin, problem: "“\(name)” does not fit the config's model",
            remedy: "resume with the config that the checkpoint was written with")
    }

    /// Whether the arrays are equal; where they come from does not matter.
    public static func == (one: TrainingState, other: TrainingState) -> Bool { one.tensors == other.tensors }
}
