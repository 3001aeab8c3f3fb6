import Numerics

/// A rows x columns array that a tape computes: a batch of activations, a row for each item.
///
///     let x = tape.input(rows: 256, columns: 2)
///     x.data[0] = 1                                           // filled by the caller before `forward`
///     let y = layer(x, on: tape)
///     let first = y.data[0]                                   // valid after `forward`
///
/// Memory is allocated when the tape is recorded and reused in every step. The gradient's memory is shared with
/// other values whose gradients live at other times; so is the data's on a tape that only runs forward.
public final class Value {
    /// Items.
    public let rows: Int
    /// Numbers of an item.
    public let columns: Int
    /// Row-major, rows contiguous.
    public private(set) var data: UnsafeMutablePointer<Float>
    /// Whether some parameter's gradient depends on this value's.
    public let needsGradient: Bool
    /// d objective / d value, in the shape of `data`; valid between its last consumer's and its producer's backward.
    public internal(set) var gradient: UnsafeMutablePointer<Float>
    /// Whether a consumer has written to `gradient` in this backward pass.
    var hasGradient = false
    /// Which slot of the tape's memory holds the gradient; nil before planning, or without a gradient.
    var gradientSlot: Int?
    private(set) var storage: AlignedBuffer<Float>?
    /// Whether the data's memory belongs to this value alone.
    private(set) var isOwner: Bool
    /// Whether there is memory at all: none on a tape that is only planned.
    private let isAllocated: Bool

    init(rows: Int, columns: Int, needsGradient: Bool, isOwner: Bool, isAllocated: Bool) {
        precondition(rows > 0 && columns > 0)
        self.rows = rows
        self.columns = columns
        self.needsGradient = needsGradient
        self.isOwner = isOwner
        self.isAllocated = isAllocated
        let buffer = AlignedBuffer<Float>(count: isOwner && isAllocated ? rows * columns : 0)
        storage = buffer
        data = buffer.pointer
        gradient = buffer.pointer
    }

    /// Takes memory of its own, to be kept.
    func own() {
        guard !isOwner else { return }
        isOwner = true
        if isAllocated { borrow(AlignedBuffer(count: count)) }
    }

    /// Takes memory that is this value's for as long as it is read.
    func borrow(_ buffer: AlignedBuffer<Float>) {
        storage = buffer
        data = buffer.pointer
    }

    /// Elements: rows times columns.
    public var count: Int { rows * columns }
}
