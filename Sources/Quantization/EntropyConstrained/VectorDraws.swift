/// Vectors by their numbers, any of which can be drawn on any rank: what entropy-constrained training needs to know of the
/// data.
///
///     struct Coins: VectorDraws {
///         let dimension = 1, count: Int? = nil                // as many as anybody asks for
///         func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
///             let random = CounterRandom(seed: 1, purpose: .test, step: 0)
///             for (index, item) in items.enumerated() { destination[index] = random.uniform(item: item) < 0.5 ? 0 : 1 }
///         }
///     }
///
/// `fill` may be called from several threads at once. It gives the same numbers for an item on every rank and thread,
/// whatever the range.
public protocol VectorDraws: Sendable {
    /// Length of a vector.
    var dimension: Int { get }
    /// How many vectors there are; nil for a source that can be drawn from without end.
    var count: Int? { get }
    /// Writes the vectors with these numbers, one after another.
    func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>)
}

extension VectorDraws {
    /// Calls `body` with the vectors of a range in pieces that fit `buffer`, in order.
    @inline(__always)
    func inPieces(
        _ items: Range<Int>, buffer: UnsafeMutablePointer<Float>, capacity: Int, _ body: (_ count: Int) -> Void
    ) {
        var first = items.lowerBound
        while first < items.upperBound {
            let here = min(capacity, items.upperBound - first)
            fill(items: first..<first + here, into: buffer)
            body(here)
            first += here
        }
    }
}
