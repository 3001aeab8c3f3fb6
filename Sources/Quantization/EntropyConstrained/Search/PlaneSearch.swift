import Numerics

/// Exact penalized search in the plane: a tree of square cells, each with the codewords that can win somewhere in it.
///
/// The difference of two codewords' costs is linear in the vector, so a codeword that costs more than the winner at a
/// cell's center by more than half the cell times the slope wins nowhere in the cell. Cells with more than a few
/// candidates are cut into 4 x 4. A vector goes down the tree and compares what is left, 2 to 4 codewords in most cells;
/// preparing costs about as much as 100 vectors a codeword. Vectors far outside the codebook compare all codewords.
final class PlaneSearch {
    private struct Candidate {
        var x: Float
        var y: Float
        var penalty: Float
        var codeword: Int32
    }

    /// A cell: the beginning and the length of its list of codewords or, with a count of -1, the first of the 16 cells it is
    /// cut into.
    private struct Cell {
        var first: Int32
        var count: Int32
    }

    private static let side = 4
    private static let few = 6
    private static let deepest = 8
    /// Finest cells along a side of the root.
    private static var finest: Float { Float(1 << (2 * deepest)) }
    /// Bound of a vector's rounding on its way down, as a fraction of the root's width.
    private static let slack: Float = 1e-6

    /// The cells some levels below the root, so many along a side: a vector's search begins here.
    private var grid: [Cell] = []
    private var gridLevels = 3
    private var cells: [Cell] = []
    /// The lists of all leaves: indices only, so that tree and codewords stay in the second cache level.
    private var lists: [Int32] = []
    /// All codewords.
    private var table: [Candidate] = []
    /// Cells are cut no further once their lists are together this long.
    private var listLimit = 0
    /// Lists of the cells on the way from the root: one stack for the whole build.
    private var stack: [Candidate] = []
    private var left: Float = 0
    private var bottom: Float = 0
    private var width: Float = 1
    private var total = 0

    func prepare(_ codewords: UnsafePointer<Float>, penalties: [Float], count: Int) {
        total = count
        stack.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        table.removeAll(keepingCapacity: true)
        var (low, high) = (SIMD2<Float>(repeating: .infinity), SIMD2<Float>(repeating: -.infinity))
        for index in 0..<count {
            let point = SIMD2(codewords[2 * index], codewords[2 * index + 1])
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
            table.append(Candidate(x: point.x, y: point.y, penalty: penalties[index], codeword: Int32(index)))
        }
        // A quarter more on each side: most vectors beyond the outer codewords find a cell too.
        width = max(high.x - low.x, high.y - low.y, 1e-30) * 1.5
        (left, bottom) = ((low.x + high.x - width) / 2, (low.y + high.y - width) / 2)
        stack.append(contentsOf: table)
        gridLevels = count > 512 ? 4 : 3
        let empty = Cell(first: 0, count: 0)
        if grid.count != 1 << (4 * gridLevels) { grid = Array(repeating: empty, count: 1 << (4 * gridLevels)) }
        listLimit = max(1 << 20, 128 * count)
        divide(column: 0, row: 0, list: 0..<count, depth: 1, node: 0)
    }

    /// Cuts a cell, at `column` and `row` of the 4^(depth - 1) along a side, into 16. Its candidates are in `list` of the stack.
    ///
    /// - Parameter node: the index of the first of the 16 in `cells`, for those below the grid.
    private func divide(column: Int, row: Int, list: Range<Int>, depth: Int, node: Int) {
        let cellWidth = width / Float(1 << (2 * depth))
        let half = cellWidth / 2 + Self.slack * width
        for part in 0..<Self.side * Self.side {
            let (i, j) = (column * Self.side + part % Self.side, row * Self.side + part / Self.side)
            let kept = filter(
                list, left + (Float(i) + 0.5) * cellWidth, bottom + (Float(j) + 0.5) * cellWidth, half)
            var cell = Cell(first: -1, count: -1)
            // Codewords at one point are never told apart by cutting further: the lists' whole length is bounded.
            let isLeaf = kept.count <= Self.few || depth == Self.deepest || lists.count > listLimit
            if isLeaf {
                cell = Cell(first: Int32(lists.count), count: Int32(kept.count))
                for index in kept { lists.append(stack[index].codeword) }
            } else if depth >= gridLevels {
                cell.first = Int32(cells.count)
                for _ in 0..<Self.side * Self.side { cells.append(Cell(first: 0, count: 0)) }
            }
            if depth > gridLevels {
                cells[node + part] = cell
            } else if isLeaf || depth == gridLevels {
                fillGrid(i, j, depth, cell)
            }
            if !isLeaf { divide(column: i, row: j, list: kept, depth: depth + 1, node: Int(cell.first)) }
            stack.removeLast(kept.count)
        }
    }

    /// Enters a cell at all points of the grid that it covers.
    private func fillGrid(_ column: Int, _ row: Int, _ depth: Int, _ cell: Cell) {
        let shift = 2 * (gridLevels - depth)
        for j in row << shift..<(row + 1) << shift {
            for i in column << shift..<(column + 1) << shift { grid[j << (2 * gridLevels) | i] = cell }
        }
    }

    /// Puts on the stack what can win within `half` of (x, y) along both axes.
    private func filter(_ list: Range<Int>, _ x: Float, _ y: Float, _ half: Float) -> Range<Int> {
        let start = stack.count
        stack.reserveCapacity(start + list.count)
        var winner = stack[list.lowerBound]
        var least = Float.infinity
        stack.withUnsafeBufferPointer { stack in
            for index in list {
                let cost = Self.cost(stack[index], x, y)
                if cost < least { (least, winner) = (cost, stack[index]) }
            }
        }
        for index in list {
            let candidate = stack[index]
            let cost = Self.cost(candidate, x, y)
            let slope = 2 * (abs(candidate.x - winner.x) + abs(candidate.y - winner.y))
            // The last term covers the rounding of both costs.
            if cost - least <= slope * half + 2e-6 * cost { stack.append(candidate) }
        }
        return start..<stack.count
    }

    @inline(__always)
    private static func cost(_ candidate: Candidate, _ x: Float, _ y: Float) -> Float {
        let (dx, dy) = (x - candidate.x, y - candidate.y)
        return dx * dx + dy * dy + candidate.penalty
    }

    func assign(
        _ vectors: UnsafePointer<Float>, count: Int, indices: UnsafeMutablePointer<Int32>,
        squaredDistances: UnsafeMutablePointer<Float>?
    ) {
        let (left, bottom) = (self.left, self.bottom)
        let scale = Self.finest / width
        let (gridShift, gridWidth) = (2 * (Self.deepest - gridLevels), 2 * gridLevels)
        let total = self.total
        grid.withUnsafeBufferPointer { grid in
            cells.withUnsafeBufferPointer { cells in
                lists.withUnsafeBufferPointer { lists in
                    table.withUnsafeBufferPointer { table in
                        let (grid, lists, table) = (grid.baseAddress!, lists.baseAddress!, table.baseAddress!)
                        for item in 0..<count {
                            let (x, y) = (vectors[2 &* item], vectors[2 &* item &+ 1])
                            let (column, row) = ((x - left) * scale, (y - bottom) * scale)
                            var key = UInt64.max
                            // Written so that NaN is outside too.
                            if column >= 0 && column < Self.finest && row >= 0 && row < Self.finest {
                                // The position among the finest cells, two bits of each coordinate a level.
                                let (i, j) = (Int(column), Int(row))
                                var cell = grid[(j &>> gridShift) &<< gridWidth | i &>> gridShift]
                                var shift = gridShift
                                while cell.count < 0 {
                                    shift &-= 2
                                    let part = (j &>> shift & 3) &* 4 &+ (i &>> shift & 3)
                                    cell = cells.baseAddress![Int(cell.first) &+ part]
                                }
                                let list = lists + Int(cell.first)
                                for index in 0..<Int(cell.count) {
                                    key = min(key, Self.key(table[Int(list[index])], x, y))
                                }
                            } else {
                                for codeword in 0..<total { key = min(key, Self.key(table[codeword], x, y)) }
                            }
                            let best = table[Int(truncatingIfNeeded: key & 0xFFFF_FFFF)]
                            indices[item] = best.codeword
                            if let squaredDistances {
                                let (dx, dy) = (x - best.x, y - best.y)
                                squaredDistances[item] = dx * dx + dy * dy
                            }
                        }
                    }
                }
            }
        }
    }

    /// Cost and codeword in one number, compared without a branch: costs are not negative, so their bits are in order, and
    /// the lowest codeword wins ties.
    @inline(__always)
    private static func key(_ candidate: Candidate, _ x: Float, _ y: Float) -> UInt64 {
        UInt64(cost(candidate, x, y).bitPattern) << 32 | UInt64(UInt32(bitPattern: candidate.codeword))
    }
}
