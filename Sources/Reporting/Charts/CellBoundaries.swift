/// The lines between the cells of a grid of labels: the unit edges between unlike neighbors, joined into paths from
/// one meeting of three cells to the next, and smoothed.
///
///     let boundaries = CellBoundaries(cells: labels, rows: 512, columns: 512)
///     boundaries.paths[0]  // points (column, row), in grid steps from the lower left
///
/// On the grid a slanted line is a staircase. A path runs through the middles of its steps, each of which becomes the mean
/// of its neighbors on the path, and is then simplified (Douglas and Peucker 1973): straight boundaries come out
/// straight, nearly always of two points, and curved ones within 0.7 of a step.
package struct CellBoundaries {
    /// Column and row, in grid steps.
    package typealias Point = SIMD2<Float>

    /// Open paths end where three or more cells meet, or at the grid's rim; closed ones end where they began.
    package let paths: [[Point]]

    /// How far a simplified path may leave the smoothed one, in grid steps.
    package static let tolerance: Float = 0.6
    /// Neighbors on either side that a point is averaged with.
    package static let window = 4

    /// - Parameter cells: a label for each grid point, row after row.
    package init(cells: [Int32], rows: Int, columns: Int) {
        precondition(cells.count == rows * columns)
        var edges = BoundaryEdges(cells: cells, rows: rows, columns: columns)
        var paths: [[Point]] = []
        for vertex in edges.open.indices where edges.isMeeting(vertex) {
            while edges.open[vertex] != 0 { paths.append(edges.follow(from: vertex)) }
        }
        // What is left are islands: no cell but two touches their boundary.
        for vertex in edges.open.indices where edges.open[vertex] != 0 { paths.append(edges.follow(from: vertex)) }
        self.paths = paths.map { Self.simplified(Self.smoothed($0)) }
    }

    /// Every point but the ends as the mean of as many neighbors on one side as on the other.
    package static func smoothed(_ points: [Point]) -> [Point] {
        points.indices.map { index in
            let reach = min(window, index, points.count - 1 - index)
            let near = points[index - reach...index + reach]
            return near.reduce(Point.zero, +) / Float(near.count)
        }
    }

    /// The points without those from which the rest is nowhere further than the tolerance.
    package static func simplified(_ points: [Point]) -> [Point] {
        guard points.count > 2 else { return points }
        var isKept = [Bool](repeating: false, count: points.count)
        isKept[0] = true
        isKept[points.count - 1] = true
        var spans = [(0, points.count - 1)]
        while let (start, end) = spans.popLast() {
            var farthest = (distance: tolerance * tolerance, index: -1)
            for index in start + 1..<max(end, start + 1) {
                let distance = squaredDistance(points[index], from: points[start], to: points[end])
                if distance > farthest.distance { farthest = (distance, index) }
            }
            guard farthest.index >= 0 else { continue }
            isKept[farthest.index] = true
            spans.append((start, farthest.index))
            spans.append((farthest.index, end))
        }
        return zip(points, isKept).filter(\.1).map(\.0)
    }

    /// Squared distance of a point from the segment between two others.
    private static func squaredDistance(_ point: Point, from start: Point, to end: Point) -> Float {
        let along = end - start
        let length = (along * along).sum()
        let share = length > 0 ? min(1, max(0, ((point - start) * along).sum() / length)) : 0
        let rest = point - start - share * along
        return (rest * rest).sum()
    }
}

/// The unit edges between unlike neighbors, as directions that lead away from each vertex of the grid.
private struct BoundaryEdges {
    /// Directions not yet followed: bit 0 right, 1 up, 2 left, 3 down.
    package private(set) var open: [UInt8]
    /// Directions that there were at the start.
    private let degree: [UInt8]
    private let stride: Int

    package init(cells: [Int32], rows: Int, columns: Int) {
        let stride = columns + 1
        var open = [UInt8](repeating: 0, count: (rows + 1) * stride)
        cells.withUnsafeBufferPointer { cells in
            for row in 0..<rows {
                for column in 0..<columns {
                    let cell = cells[row * columns + column]
                    let vertex = row * stride + column
                    if column > 0, cells[row * columns + column - 1] != cell {
                        open[vertex] |= 2
                        open[vertex + stride] |= 8
                    }
                    if row > 0, cells[(row - 1) * columns + column] != cell {
                        open[vertex] |= 1
                        open[vertex + 1] |= 4
                    }
                }
            }
        }
        self.open = open
        self.stride = stride
        degree = open.map { UInt8($0.nonzeroBitCount) }
    }

    /// Whether paths end here: at the rim one line ends, elsewhere three or four lines meet.
    package func isMeeting(_ vertex: Int) -> Bool { degree[vertex] != 0 && degree[vertex] != 2 }

    private func position(_ vertex: Int) -> CellBoundaries.Point {
        CellBoundaries.Point(Float(vertex % stride), Float(vertex / stride))
    }

    /// Follows an open edge to the next meeting, or around an island, through the middles of the edges.
    package mutating func follow(from start: Int) -> [CellBoundaries.Point] {
        var path: [CellBoundaries.Point] = isMeeting(start) ? [position(start)] : []
        var vertex = start
        while open[vertex] != 0 {
            let direction = open[vertex].trailingZeroBitCount
            let next = vertex + [1, stride, -1, -stride][direction]
            open[vertex] &= ~(1 << UInt8(direction))
            open[next] &= ~(1 << UInt8((direction + 2) % 4))
            path.append((position(vertex) + position(next)) / 2)
            vertex = next
            if isMeeting(vertex) {
                path.append(position(vertex))
                return path
            }
        }
        path.append(path[0])
        return path
    }
}
