/// Counts vectors by lattice point: a hash table of points in the order of their first vector.
struct LatticeTable {
    private let dimension: Int
    private let capacity: Int
    /// Slot to place + 1; 0 is free.
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

    func point(_ place: Int) -> [Int32] { Array(points[place * dimension..<(place + 1) * dimension]) }

    /// Counts one vector; false when its point is new and there is no room.
    mutating func add(_ point: [Int32]) -> Bool {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for value in point {
            hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0xD6E8_FEB8_6659_FD93
            hash ^= hash &>> 32
        }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if matches(place, point) {
                counts[place] += 1
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

    private func matches(_ place: Int, _ point: [Int32]) -> Bool {
        for index in 0..<dimension where points[place * dimension + index] != point[index] { return false }
        return true
    }
}
