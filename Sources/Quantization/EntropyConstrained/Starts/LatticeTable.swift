/// Counts vectors by lattice point: a hash table of points in the order of their first vector.
struct LatticeTable {
    private let dimension: Int
    private let capacity: Int
    /// By slot, the index of its point plus 1; 0 is free.
    private var slots: [Int32]
    private var points: [Int32] = []
    private(set) var counts: [Double] = []

    /// - Parameter capacity: the most points it takes.
    init(dimension: Int, capacity: Int) {
        self.dimension = dimension
        self.capacity = capacity
        var size = 1024
        while size < 2 * capacity { size *= 2 }
        slots = Array(repeating: 0, count: size)
    }

    var count: Int { counts.count }

    /// The point with an index, in the order of first vectors.
    func point(_ index: Int) -> [Int32] { Array(points[index * dimension..<(index + 1) * dimension]) }

    /// Counts one vector; false if its point is new and the table is full.
    mutating func add(_ point: [Int32]) -> Bool {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for value in point {
            hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0xD6E8_FEB8_6659_FD93
            hash ^= hash &>> 32
        }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if matches(index, point) {
                counts[index] += 1
                return true
            }
            slot = (slot + 1) & mask
        }
        guard count < capacity else { return false }
        points.append(contentsOf: point)
        counts.append(1)
        slots[slot] = Int32(count)
        return true
    }

    private func matches(_ index: Int, _ point: [Int32]) -> Bool {
        for component in 0..<dimension where points[index * dimension + component] != point[component] { return false }
        return true
    }
}
