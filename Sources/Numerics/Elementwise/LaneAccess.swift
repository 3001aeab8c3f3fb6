/// How a kernel over columns reads and writes a register's worth of them: all lanes, or the rest at the end of a row.
///
///     func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
///         access.write(access.read(from + column) + access.read(to + column), to: to + column)
///     }
///     forEachRegister(of: 20) { kernel($0, $1) } part: { kernel($0, $1) }   // 8 + 8 + 4 columns
///
/// Kernels are generic over it, and so compiled once for each, without branches.
protocol LaneAccess {
    func read(_ pointer: UnsafePointer<Float>) -> Lanes
    func write(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>)
}

extension LaneAccess {
    @inline(__always) func read(_ pointer: UnsafeMutablePointer<Float>) -> Lanes { read(UnsafePointer(pointer)) }
}

struct WholeLanes: LaneAccess {
    @inline(__always) func read(_ pointer: UnsafePointer<Float>) -> Lanes { load(pointer) }
    @inline(__always) func write(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>) { store(lanes, to: pointer) }
}

struct PartOfLanes: LaneAccess {
    let count: Int
    func read(_ pointer: UnsafePointer<Float>) -> Lanes { loadPart(pointer, count: count) }
    func write(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>) { storePart(lanes, to: pointer, count: count) }
}

/// Calls a kernel for each register of columns, the last of which may be a part of one.
@inline(__always)
func forEachRegister(
    of columns: Int, whole: (_ column: Int, WholeLanes) -> Void, part: (_ column: Int, PartOfLanes) -> Void
) {
    var column = 0
    while column &+ Lanes.scalarCount <= columns {
        whole(column, WholeLanes())
        column &+= Lanes.scalarCount
    }
    if column < columns { part(column, PartOfLanes(count: columns &- column)) }
}
