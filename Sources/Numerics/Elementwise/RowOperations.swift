/// Adds `bias`, of `columns` floats, to each row of `matrix`, rows x columns.
public func addToRows(
    _ matrix: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>, rows: Int, columns: Int
) {
    let lanes = Lanes.scalarCount
    for row in 0..<rows {
        let start = matrix + row &* columns
        var column = 0
        while column &+ lanes <= columns {
            store(load(start + column) + load(bias + column), to: start + column)
            column &+= lanes
        }
        while column < columns {
            start[column] += bias[column]
            column &+= 1
        }
    }
}

/// Each row of `output` = the same row of `matrix` + `bias`. Both matrices are rows x columns.
public func addToRows(
    _ matrix: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, rows: Int, columns: Int,
    output: UnsafeMutablePointer<Float>
) {
    let lanes = Lanes.scalarCount
    for row in 0..<rows {
        let (from, to) = (matrix + row &* columns, output + row &* columns)
        var column = 0
        while column &+ lanes <= columns {
            store(load(from + column) + load(bias + column), to: to + column)
            column &+= lanes
        }
        while column < columns {
            to[column] = from[column] + bias[column]
            column &+= 1
        }
    }
}

/// sums = the sum of the rows of `matrix`, rows x columns; added to what is there if `accumulate` is set.
public func sumRows(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Float>, accumulate: Bool
) {
    if !accumulate { sums.update(repeating: 0, count: columns) }
    let lanes = Lanes.scalarCount
    // Four registers of columns at a time stay in registers over all rows.
    var column = 0
    while column &+ 4 &* lanes <= columns {
        var (a, b) = (load(sums + column), load(sums + column + lanes))
        var (c, d) = (load(sums + column + 2 * lanes), load(sums + column + 3 * lanes))
        var from = matrix + column
        for _ in 0..<rows {
            a += load(from)
            b += load(from + lanes)
            c += load(from + 2 * lanes)
            d += load(from + 3 * lanes)
            from += columns
        }
        store(a, to: sums + column)
        store(b, to: sums + column + lanes)
        store(c, to: sums + column + 2 * lanes)
        store(d, to: sums + column + 3 * lanes)
        column &+= 4 &* lanes
    }
    while column < columns {
        var sum = sums[column]
        for row in 0..<rows { sum += matrix[row &* columns &+ column] }
        sums[column] = sum
        column &+= 1
    }
}

/// matrix *= factors, element by element, both rows x columns; and sums = the sum of the rows of the product, added to
/// what is there if `accumulate` is set.
public func multiplyAndSumRows(
    _ matrix: UnsafeMutablePointer<Float>, _ factors: UnsafePointer<Float>, rows: Int, columns: Int,
    into sums: UnsafeMutablePointer<Float>, accumulate: Bool
) {
    if !accumulate { sums.update(repeating: 0, count: columns) }
    let lanes = Lanes.scalarCount
    for row in 0..<rows {
        let (start, other) = (matrix + row &* columns, factors + row &* columns)
        var column = 0
        while column &+ lanes <= columns {
            let product = load(start + column) * load(other + column)
            store(product, to: start + column)
            store(load(sums + column) + product, to: sums + column)
            column &+= lanes
        }
        while column < columns {
            start[column] *= other[column]
            sums[column] += start[column]
            column &+= 1
        }
    }
}

/// target += factor * source, for `count` floats of each.
public func addScaled(
    _ source: UnsafePointer<Float>, factor: Float, to target: UnsafeMutablePointer<Float>, count: Int
) {
    let lanes = Lanes.scalarCount
    let scale = Lanes(repeating: factor)
    var index = 0
    while index &+ lanes <= count {
        store(multiplyAdd(load(source + index), scale, plus: load(target + index)), to: target + index)
        index &+= lanes
    }
    while index < count {
        target[index] += factor * source[index]
        index &+= 1
    }
}

/// The sum of the squares of `count` floats: in `Float` within blocks of 1024, in `Double` over the blocks.
public func sumOfSquares(_ vector: UnsafePointer<Float>, count: Int) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: 1024) {
        let end = min(start + 1024, count)
        var sum = Lanes(repeating: 0)
        var index = start
        while index &+ Lanes.scalarCount <= end {
            let value = load(vector + index)
            sum = multiplyAdd(value, value, plus: sum)
            index &+= Lanes.scalarCount
        }
        total += Double(sum.sum())
        while index < end {
            total += Double(vector[index]) * Double(vector[index])
            index &+= 1
        }
    }
    return total
}
