/// Fewer points that draw the same line.
///
/// A curve of a million steps is drawn on a few hundred pixel columns; of each column only the first, lowest, highest
/// and last point can be seen. At most 2000 points remain, gaps stay gaps, and the extremes are never lost.
package enum SeriesThinning {
    /// The most points of a series that are drawn.
    package static let limit = 2000

    /// A point in px, with its position in the series.
    package struct Point: Equatable {
        var x: Double
        var y: Double
        /// Position in the series before thinning.
        var index: Int
    }

    /// Thins runs of points between gaps; `width` is the plot's in px, positions are in px.
    package static func thin(_ runs: [[Point]], left: Double, width: Double) -> [[Point]] {
        let total = runs.reduce(0) { $0 + $1.count }
        guard total > limit else { return runs }
        // Many short runs (a line full of gaps) would keep four points each: then share columns out by run length.
        return runs.compactMap { run in
            let share = Double(run.count) / Double(total) * Double(limit)
            return thin(run, buckets: max(1, Int(share / 4)))
        }.filter { !$0.isEmpty }
    }

    private static func thin(_ run: [Point], buckets: Int) -> [Point] {
        guard run.count > 4 * buckets, let first = run.first, let last = run.last else { return run }
        let sorted = zip(run.dropFirst(), run).allSatisfy { $0.x >= $1.x }
        let range = last.x - first.x
        func bucket(_ position: Int) -> Int {
            // Columns of equal width while x only grows (on a logarithmic axis the early points are far apart, and
            // kept); otherwise groups of equal length.
            let share =
                sorted && range > 0 ? (run[position].x - first.x) / range : Double(position) / Double(run.count)
            return min(buckets - 1, Int(share * Double(buckets)))
        }
        var kept: [Point] = []
        var start = 0
        while start < run.count {
            let current = bucket(start)
            var end = start + 1
            while end < run.count && bucket(end) == current { end += 1 }
            var low = start
            var high = start
            for position in start..<end {
                if run[position].y < run[low].y { low = position }
                if run[position].y > run[high].y { high = position }
            }
            for position in Set([start, low, high, end - 1]).sorted() { kept.append(run[position]) }
            start = end
        }
        return kept
    }
}
