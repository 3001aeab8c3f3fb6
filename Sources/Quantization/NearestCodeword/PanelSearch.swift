extension NearestCodeword {
    /// Finds the best codeword of every vector of the workspace's first `panels` panels.
    func searchPanels(_ panels: Int, _ workspace: Workspace) {
        let width = ScoreTile.vectors
        workspace.scores.pointer.update(repeating: -.infinity, count: panels * width)
        workspace.indices.pointer.update(repeating: 0, count: panels * width)
        var firstGroup = 0
        while firstGroup < groups {
            let block = firstGroup..<min(groups, firstGroup + blocking.groups)
            if blocking.depth == dimension {
                for panel in 0..<panels { searchWhole(panel, block, workspace) }
            } else {
                var first = 0
                while first < dimension {
                    let slice = first..<min(dimension, first + blocking.depth)
                    for panel in 0..<panels { searchSlice(panel, block, slice, workspace) }
                    first = slice.upperBound
                }
            }
            firstGroup = block.upperBound
        }
    }

    /// All dimensions at once: scores stay in registers.
    private func searchWhole(_ panel: Int, _ block: Range<Int>, _ workspace: Workspace) {
        let width = ScoreTile.vectors
        let vectors = lanes(UnsafePointer(workspace.panels.pointer + panel * width * dimension))
        let scores = lanes(workspace.scores.pointer + panel * width)
        let indices = indexLanes(workspace.indices.pointer + panel * width)
        var best = BestPair(scores: scores, indices: indices)
        var values = UnsafePointer(packed.pointer) + block.lowerBound * ScoreTile.codewords * dimension
        var bias = UnsafePointer(biases.pointer) + block.lowerBound * ScoreTile.codewords
        for group in block {
            var tile = ScoreTile(biases: bias)
            tile.accumulate(panel: vectors, group: values, depth: dimension)
            tile.update(&best, firstCodeword: Int32(truncatingIfNeeded: group &* ScoreTile.codewords))
            values += ScoreTile.codewords * dimension
            bias += ScoreTile.codewords
        }
        best.store(scores: scores, indices: indices)
    }

    /// Some of the dimensions: scores continue from, and return to, the partial sums.
    private func searchSlice(_ panel: Int, _ block: Range<Int>, _ slice: Range<Int>, _ workspace: Workspace) {
        let width = ScoreTile.vectors
        let vectors = lanes(
            UnsafePointer(workspace.panels.pointer + (panel * dimension + slice.lowerBound) * width))
        let scores = lanes(workspace.scores.pointer + panel * width)
        let indices = indexLanes(workspace.indices.pointer + panel * width)
        var partial = lanes(workspace.partial.pointer + panel * blocking.groups * ScoreTile.codewords * width)
        let isFirst = slice.lowerBound == 0
        let isLast = slice.upperBound == dimension
        for group in block {
            let first = group * ScoreTile.codewords
            let values = UnsafePointer(packed.pointer) + first * dimension + slice.lowerBound * ScoreTile.codewords
            var tile = isFirst ? ScoreTile(biases: biases.pointer + first) : ScoreTile(partial: partial)
            tile.accumulate(panel: vectors, group: values, depth: slice.count)
            if isLast {
                var best = BestPair(scores: scores, indices: indices)
                tile.update(&best, firstCodeword: Int32(truncatingIfNeeded: first))
                best.store(scores: scores, indices: indices)
            } else {
                tile.store(partial)
            }
            partial += 2 * ScoreTile.codewords
        }
    }
}

// Buffers are aligned to a cache line and panels are whole lanes, so memory may be read as lanes in place.
@inline(__always)
private func lanes(_ pointer: UnsafePointer<Float>) -> UnsafePointer<Lanes> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: Lanes.self)
}

@inline(__always)
private func lanes(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Lanes> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Lanes.self)
}

@inline(__always)
private func indexLanes(_ pointer: UnsafeMutablePointer<Int32>) -> UnsafeMutablePointer<IndexLanes> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: IndexLanes.self)
}
