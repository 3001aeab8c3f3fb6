/// The squared length of a vector, summed in eight lanes of `Double` in a fixed order.
package func squaredNorm(_ vector: UnsafePointer<Float>, _ count: Int) -> Double {
    var lanes = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
        let values = SIMD8<Double>(UnsafeRawPointer(vector + index).loadUnaligned(as: SIMD8<Float>.self))
        lanes += values * values
        index += 8
    }
    var sum = lanes.sum()
    while index < count {
        sum += Double(vector[index]) * Double(vector[index])
        index += 1
    }
    return sum
}

/// Adds the squared entries of every row to one sum for each column.
/// - Parameter sums: as many as the matrix has columns.
package func addSquares(of matrix: Matrix, to sums: UnsafeMutableBufferPointer<Double>) {
    for item in 0..<matrix.rows {
        let row = matrix.pointer + item * matrix.columns
        for column in 0..<matrix.columns { sums[column] += Double(row[column]) * Double(row[column]) }
    }
}
