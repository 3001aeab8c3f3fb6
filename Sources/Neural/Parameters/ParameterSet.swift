import Numerics

/// The learned numbers of a model in one piece of memory: what an optimizer steps, a checkpoint saves and ranks reduce.
///
///     let parameters = ParameterSet()
///     let layer = Linear(inputs: 2, outputs: 192, name: "analysis.0", in: parameters)
///     parameters.initialize(seed: 1)                          // the same on every rank
///     let floats = parameters.count                           // padding included
///
/// Layers add their parameters in the order of the forward pass; a backward pass then finishes the gradient from the end
/// of the memory to its start. Every parameter begins on a cache line.
public final class ParameterSet: @unchecked Sendable {
    /// In the order of the forward pass.
    public private(set) var parameters: [Parameter] = []
    /// All values; a parameter's begin at its offset. Empty before `initialize`.
    public private(set) var values = AlignedBuffer<Float>(count: 0)
    /// Floats in `values`, padding to whole rows of statistics included.
    public var count: Int { Self.rows(before: used) * Self.rowLength }
    /// The index in `parameters` of each name.
    private var indices: [String: Int] = [:]
    /// Floats of all parameters so far, each padded to a whole cache line.
    private var used = 0
    /// Gradients travel in rows of so many floats: long enough that handling a row costs nothing.
    public static let rowLength = 1024
    /// Rows that hold the first `offset` floats, the last of them perhaps in part.
    public static func rows(before offset: Int) -> Int { (offset + rowLength - 1) / rowLength }

    /// An empty set.
    public init() {}

    /// Makes room for one more parameter.
    /// - Precondition: the set is not initialized, and has no parameter of this name.
    /// - Parameters:
    ///   - shape: rows x columns of a matrix, or one number for a vector.
    ///   - initialization: what its values start as.
    ///   - rateFactor: its learning rate relative to the schedule's.
    ///   - isClipped: whether its gradient counts for, and is scaled by, the clipping of the gradient's norm.
    public func add(
        _ name: String, shape: [Int], initialization: Initialization, rateFactor: Float = 1, isClipped: Bool = true
    ) -> Parameter {
        precondition(values.count == 0, "parameters must be added before the set is initialized")
        precondition(!shape.isEmpty && shape.allSatisfy { $0 > 0 })
        precondition(
            indices.updateValue(parameters.count, forKey: name) == nil, "there are two parameters named \(name)")
        let parameter = Parameter(
            owner: self, index: parameters.count, name: name, shape: shape, offset: used,
            initialization: initialization, rateFactor: rateFactor, isClipped: isClipped)
        parameters.append(parameter)
        used += parameter.extent
        return parameter
    }

    /// Allocates the values and draws them by counter: the same on every rank.
    public func initialize(seed: UInt64) {
        values = AlignedBuffer(count: count)
        for parameter in parameters {
            parameter.initialization.fill(
                UnsafeMutableBufferPointer(start: parameter.values, count: parameter.count),
                random: CounterRandom(seed: seed, purpose: .networkWeights, step: parameter.index))
        }
    }

    /// Numbers that are learned, padding left out.
    public var learned: Int { parameters.reduce(0) { $0 + $1.count } }

    /// The parameter of a name; nil if there is none.
    public subscript(name: String) -> Parameter? { indices[name].map { parameters[$0] } }
}

/// One named array of learned numbers, a view into its `ParameterSet`.
public struct Parameter: Sendable {
    unowned let owner: ParameterSet
    /// Its position in the order of the forward pass.
    public let index: Int
    /// Unique in the set, such as "analysis.0.weight".
    public let name: String
    /// Sizes of the array, row-major.
    public let shape: [Int]
    /// Floats before it in the set.
    public let offset: Int
    let initialization: Initialization
    /// The learning rate relative to the schedule's.
    public let rateFactor: Float
    /// Whether its gradient counts for, and is scaled by, the clipping of the gradient's norm.
    public let isClipped: Bool

    /// Floats in the set, padding to a whole cache line included.
    public var extent: Int { (count + 15) / 16 * 16 }
    /// The numbers that are learned.
    public var count: Int { shape.reduce(1, *) }
    /// The values where the set keeps them, row-major; valid after `initialize`.
    public var values: UnsafeMutablePointer<Float> { owner.values.pointer + offset }
}
