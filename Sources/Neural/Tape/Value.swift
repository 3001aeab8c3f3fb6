import Numerics

/// A rows x columns array that a tape computes: a batch of activations, a row for each item.
///
///     let x = tape.input(rows: 256, columns: 2)
///     x.data[0] = 1                                           // filled by the caller before `forward`
///     let y = layer(x, on: tape)
///     y.data                                                  // valid after `forward`
///
/// Memory is allocated when the tape is recorded and reused in every step. The gradient's memory is shared with
/// other values whose gradients live at other times.
public final class Value {
    public let rows: Int
    public let columns: Int
    /// Row-major, rows contiguous.
    public let data: UnsafeMutablePointer<Float>
    /// Whether some parameter's gradient depends on this value's.
    public let needsGradient: Bool
    /// d objective / d value, in the shape of `data`; valid between its last consumer's and its producer's backward.
    public internal(set) var gradient: UnsafeMutablePointer<Float>
    /// Whether a consumer has written to `gradient` in this backward pass.
    var hasGradient = false
    var gradientSlot = -1
    private let storage: AlignedBuffer<Float>

    init(rows: Int, columns: Int, needsGradient: Bool) {
        precondition(rows > 0 && columns > 0)
        self.rows = rows
        self.columns = columns
        self.needsGradient = needsGradient
        storage = AlignedBuffer(count: rows * columns)
        data = storage.pointer
        gradient = storage.pointer
    }

    public var count: Int { rows * columns }
}
